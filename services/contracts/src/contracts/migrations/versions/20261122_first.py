"""The first tables: library, contracts, signers, signatures, log; their guards; the seeded system blocks.

Revision ID: 20261122_first
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from contracts.library import system_blocks
from kontor import core_tables

revision = "20261122_first"
down_revision = None
branch_labels = None
depends_on = None

_SECTIONS = "'preamble','scope','body','payment','cancellation','delivery','privacy','nda','closing'"
_HASH = "~ '^[0-9a-f]{64}$'"

_TABLES = f"""
CREATE TABLE blocks (
    id uuid PRIMARY KEY,
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    key text,
    language text NOT NULL CHECK (language IN ('de', 'en', 'any')),
    section text NOT NULL CHECK (section IN ({_SECTIONS})),
    title text NOT NULL CHECK (title <> '' AND length(title) <= 200),
    body_markdown text NOT NULL CHECK (body_markdown <> '' AND length(body_markdown) <= 20000),
    active boolean NOT NULL DEFAULT true,
    system boolean NOT NULL DEFAULT false,
    example boolean NOT NULL DEFAULT false,
    created_by_admin_id text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT uq_blocks_key UNIQUE (key, language),
    CONSTRAINT ck_blocks_system_has_key CHECK (system = (key IS NOT NULL))
);
COMMENT ON COLUMN blocks.key IS 'names a system block; the same in every language';

CREATE TABLE quotes (
    quote_id uuid PRIMARY KEY,
    deal_uuid uuid NOT NULL,
    customer_id text NOT NULL,
    facts jsonb NOT NULL,
    received_at timestamptz NOT NULL
);
COMMENT ON COLUMN quotes.facts IS 'of the converted quote, as its event told them';

CREATE TABLE contracts (
    id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    state text NOT NULL CHECK (state IN ('draft', 'sent', 'signed', 'sealing', 'fully_signed', 'declined',
        'expired', 'withdrawn', 'cancelled')),
    number text,
    number_year integer,
    number_seq bigint CHECK (number_seq > 0),
    deal_uuid uuid NOT NULL,
    customer_id text NOT NULL,
    customer jsonb NOT NULL,
    title text NOT NULL CHECK (title <> ''),
    language text NOT NULL CHECK (language IN ('de', 'en')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
    quote_id uuid,
    booking_id uuid,
    revises_id uuid,
    signing_modes text[] NOT NULL CHECK (signing_modes <@ ARRAY['draw', 'type', 'upload']
        AND cardinality(signing_modes) > 0),
    signing_order text NOT NULL CHECK (signing_order IN ('parallel', 'sequential')),
    code_required boolean NOT NULL,
    valid_until date,
    consents jsonb NOT NULL DEFAULT CAST('[]' AS jsonb),
    review_hash text CHECK (review_hash {_HASH}),
    content text,
    content_hash text CHECK (content_hash {_HASH}),
    document_id uuid,
    document_sha256 text CHECK (document_sha256 {_HASH}),
    final_document_id uuid,
    integrity_hash text CHECK (integrity_hash {_HASH}),
    sent_at timestamptz,
    signed_at timestamptz,
    countersigned_at timestamptz,
    sealed_at timestamptz,
    ended_at timestamptz,
    end_reason text,
    integrity_alarm_at timestamptz,
    problem jsonb,
    log_length integer NOT NULL DEFAULT 0 CHECK (log_length >= 0),
    log_head text NOT NULL CHECK (log_head {_HASH}),
    created_by_admin_id text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT uq_contracts_number UNIQUE (number),
    CONSTRAINT uq_contracts_number_seq UNIQUE (number_year, number_seq),
    CONSTRAINT ck_contracts_number_at_send CHECK ((state = 'draft') = (number IS NULL)
        AND (number IS NULL) = (number_year IS NULL) AND (number IS NULL) = (number_seq IS NULL)),
    CONSTRAINT ck_contracts_content_at_send CHECK ((state = 'draft') = (content IS NULL)
        AND (state = 'draft') = (content_hash IS NULL) AND (state = 'draft') = (review_hash IS NULL)
        AND (state = 'draft') = (sent_at IS NULL)),
    CONSTRAINT ck_contracts_last_day CHECK (state = 'draft' OR valid_until IS NOT NULL),
    CONSTRAINT ck_contracts_signed CHECK (
        (state IN ('signed', 'sealing', 'fully_signed', 'cancelled')) = (signed_at IS NOT NULL)),
    CONSTRAINT ck_contracts_countersigned CHECK (
        (state IN ('sealing', 'fully_signed', 'cancelled')) = (countersigned_at IS NOT NULL)),
    CONSTRAINT ck_contracts_sealed CHECK (
        (state IN ('fully_signed', 'cancelled')) = (integrity_hash IS NOT NULL)
        AND (integrity_hash IS NULL) = (final_document_id IS NULL)
        AND (integrity_hash IS NULL) = (sealed_at IS NULL)),
    CONSTRAINT ck_contracts_document CHECK ((document_id IS NULL) = (document_sha256 IS NULL)),
    CONSTRAINT ck_contracts_ended CHECK (
        (state IN ('declined', 'expired', 'withdrawn', 'cancelled')) = (ended_at IS NOT NULL))
);
COMMENT ON COLUMN contracts.customer IS 'as known at the last change; frozen with the send';
COMMENT ON COLUMN contracts.problem IS 'why a document of it could not be made; null when it was';
COMMENT ON COLUMN contracts.content IS 'canonical JSON of what was sent; content_hash is its SHA-256';
CREATE INDEX ix_contracts_listed ON contracts (created_at, id);
CREATE INDEX ix_contracts_state ON contracts (state, created_at, id);
CREATE INDEX ix_contracts_deal_uuid ON contracts (deal_uuid);
CREATE INDEX ix_contracts_customer_id ON contracts (customer_id);
CREATE INDEX ix_contracts_open ON contracts (valid_until) WHERE state = 'sent';

CREATE TABLE contract_blocks (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL CONSTRAINT fk_contract_blocks_contract_id REFERENCES contracts ON DELETE CASCADE,
    position integer NOT NULL CHECK (position > 0),
    block_id uuid,
    section text NOT NULL CHECK (section IN ({_SECTIONS})),
    title text NOT NULL CHECK (title <> ''),
    body_markdown text NOT NULL CHECK (body_markdown <> ''),
    library_title text,
    library_body text,
    example boolean NOT NULL,
    body_resolved text,
    CONSTRAINT uq_contract_blocks_position UNIQUE (contract_id, position),
    CONSTRAINT ck_contract_blocks_snapshot CHECK (
        (block_id IS NULL) = (library_body IS NULL) AND (block_id IS NULL) = (library_title IS NULL))
);
COMMENT ON COLUMN contract_blocks.body_resolved IS 'with the placeholders filled; set at the send';

CREATE TABLE signers (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL CONSTRAINT fk_signers_contract_id REFERENCES contracts ON DELETE CASCADE,
    position integer NOT NULL CHECK (position BETWEEN 1 AND 5),
    name text NOT NULL CHECK (name <> ''),
    email text NOT NULL CHECK (email <> ''),
    state text NOT NULL CHECK (state IN ('waiting', 'signed', 'declined')),
    invited_at timestamptz,
    viewed_at timestamptz,
    answered_at timestamptz,
    reason text,
    reminders integer NOT NULL DEFAULT 0 CHECK (reminders >= 0),
    CONSTRAINT uq_signers_position UNIQUE (contract_id, position),
    CONSTRAINT ck_signers_answered CHECK ((state = 'waiting') = (answered_at IS NULL))
);

CREATE TABLE links (
    digest text PRIMARY KEY CHECK (digest {_HASH}),
    contract_id uuid NOT NULL CONSTRAINT fk_links_contract_id REFERENCES contracts,
    signer_id uuid NOT NULL CONSTRAINT fk_links_signer_id REFERENCES signers,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
COMMENT ON COLUMN links.digest IS 'SHA-256 of the token; the token is not kept';
CREATE INDEX ix_links_contract_id ON links (contract_id);

CREATE TABLE signatures (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL CONSTRAINT fk_signatures_contract_id REFERENCES contracts,
    signer_id uuid CONSTRAINT fk_signatures_signer_id REFERENCES signers,
    role text NOT NULL CHECK (role IN ('customer', 'issuer')),
    name text NOT NULL CHECK (name <> ''),
    email text,
    method text NOT NULL CHECK (method IN ('draw', 'type', 'upload')),
    image bytea NOT NULL,
    image_sha256 text NOT NULL CHECK (image_sha256 {_HASH}),
    received_sha256 text NOT NULL CHECK (received_sha256 {_HASH}),
    consents jsonb NOT NULL,
    content_hash text NOT NULL CHECK (content_hash {_HASH}),
    evidence_hash text NOT NULL CHECK (evidence_hash {_HASH}),
    signed_at timestamptz NOT NULL,
    ip text,
    user_agent text,
    code_verified boolean NOT NULL,
    CONSTRAINT ck_signatures_signer CHECK ((role = 'customer') = (signer_id IS NOT NULL))
);
COMMENT ON COLUMN signatures.name IS 'as entered when signing';
COMMENT ON COLUMN signatures.evidence_hash IS 'SHA-256 over all facts of this signature';
CREATE INDEX ix_signatures_contract_id ON signatures (contract_id);
CREATE UNIQUE INDEX uq_signatures_customer ON signatures (signer_id) WHERE role = 'customer';
CREATE UNIQUE INDEX uq_signatures_issuer ON signatures (contract_id) WHERE role = 'issuer';

CREATE TABLE signing_log (
    contract_id uuid NOT NULL CONSTRAINT fk_signing_log_contract_id REFERENCES contracts,
    seq integer NOT NULL CHECK (seq > 0),
    type text NOT NULL,
    at timestamptz NOT NULL,
    actor jsonb NOT NULL,
    facts jsonb NOT NULL,
    previous_hash text NOT NULL CHECK (previous_hash {_HASH}),
    hash text NOT NULL CHECK (hash {_HASH}),
    PRIMARY KEY (contract_id, seq)
);

CREATE TABLE wrong_links (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ix_wrong_links_address ON wrong_links (address, at);
"""

_GUARDS = """
CREATE FUNCTION system_block_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.system THEN RAISE EXCEPTION 'system blocks cannot be deleted'; END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER blocks_system_stays BEFORE DELETE ON blocks FOR EACH ROW EXECUTE FUNCTION system_block_stays();

CREATE FUNCTION contract_moves_by_the_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN RAISE EXCEPTION 'a sent contract cannot be deleted'; END IF;
        RETURN OLD;
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'sent'), ('sent', 'signed'), ('sent', 'declined'), ('sent', 'expired'), ('sent', 'withdrawn'),
        ('signed', 'sealing'), ('sealing', 'fully_signed'), ('fully_signed', 'cancelled')) THEN
        RAISE EXCEPTION 'a contract cannot go from % to %', OLD.state, NEW.state;
    END IF;
    IF OLD.id <> NEW.id OR OLD.created_at <> NEW.created_at THEN
        RAISE EXCEPTION 'a contract keeps its id';
    END IF;
    IF OLD.state <> 'draft' AND (
        (OLD.number, OLD.number_year, OLD.number_seq, OLD.deal_uuid, OLD.customer_id, OLD.customer, OLD.title,
         OLD.language, OLD.currency,
         OLD.quote_id, OLD.booking_id, OLD.revises_id, OLD.signing_modes, OLD.signing_order, OLD.code_required,
         OLD.valid_until, OLD.consents, OLD.review_hash, OLD.content, OLD.content_hash, OLD.sent_at)
        IS DISTINCT FROM
        (NEW.number, NEW.number_year, NEW.number_seq, NEW.deal_uuid, NEW.customer_id, NEW.customer, NEW.title,
         NEW.language, NEW.currency,
         NEW.quote_id, NEW.booking_id, NEW.revises_id, NEW.signing_modes, NEW.signing_order, NEW.code_required,
         NEW.valid_until, NEW.consents, NEW.review_hash, NEW.content, NEW.content_hash, NEW.sent_at)) THEN
        RAISE EXCEPTION 'the content of a sent contract is frozen';
    END IF;
    IF (OLD.document_id IS NOT NULL AND (OLD.document_id, OLD.document_sha256)
            IS DISTINCT FROM (NEW.document_id, NEW.document_sha256))
        OR (OLD.integrity_hash IS NOT NULL AND (OLD.final_document_id, OLD.integrity_hash, OLD.sealed_at)
            IS DISTINCT FROM (NEW.final_document_id, NEW.integrity_hash, NEW.sealed_at))
        OR (OLD.signed_at IS NOT NULL AND OLD.signed_at IS DISTINCT FROM NEW.signed_at)
        OR (OLD.countersigned_at IS NOT NULL AND OLD.countersigned_at IS DISTINCT FROM NEW.countersigned_at) THEN
        RAISE EXCEPTION 'what was recorded about the documents and signatures of a contract stays';
    END IF;
    IF NEW.log_length < OLD.log_length THEN RAISE EXCEPTION 'the log of a contract only grows'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contracts_move_by_the_table BEFORE UPDATE OR DELETE ON contracts
    FOR EACH ROW EXECUTE FUNCTION contract_moves_by_the_table();

CREATE FUNCTION contract_is_draft(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT state = 'draft' FROM contracts WHERE id = wanted), true)
$$;

CREATE FUNCTION sent_blocks_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT contract_is_draft(CASE WHEN TG_OP = 'INSERT' THEN NEW.contract_id ELSE OLD.contract_id END)
        OR (TG_OP = 'UPDATE' AND NOT contract_is_draft(NEW.contract_id)) THEN
        RAISE EXCEPTION 'the blocks of a sent contract are frozen';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER contract_blocks_frozen BEFORE INSERT OR UPDATE OR DELETE ON contract_blocks
    FOR EACH ROW EXECUTE FUNCTION sent_blocks_are_frozen();

CREATE FUNCTION sent_signers_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF contract_is_draft(CASE WHEN TG_OP = 'INSERT' THEN NEW.contract_id ELSE OLD.contract_id END) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP <> 'UPDATE' OR (OLD.id, OLD.contract_id, OLD.position, OLD.name, OLD.email)
            IS DISTINCT FROM (NEW.id, NEW.contract_id, NEW.position, NEW.name, NEW.email) THEN
        RAISE EXCEPTION 'the signers of a sent contract are frozen';
    END IF;
    IF OLD.state <> 'waiting' AND (OLD.state, OLD.answered_at, OLD.reason)
            IS DISTINCT FROM (NEW.state, NEW.answered_at, NEW.reason) THEN
        RAISE EXCEPTION 'the answer of a signer stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signers_frozen BEFORE INSERT OR UPDATE OR DELETE ON signers
    FOR EACH ROW EXECUTE FUNCTION sent_signers_are_frozen();

CREATE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER signatures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signatures
    FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();
CREATE TRIGGER signing_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signing_log
    FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();
"""


def upgrade() -> None:
    core_tables.create(op)
    op.execute(_TABLES)
    op.execute(_GUARDS)
    seed = sa.text(
        "INSERT INTO blocks (id, key, language, section, title, body_markdown, system, example, created_at,"
        " updated_at) VALUES (:id, :key, :language, :section, :title, :body, true, true, now(), now())"
        " ON CONFLICT (id) DO NOTHING"
    )
    op.get_bind().execute(seed, [block._asdict() for block in system_blocks()])


def downgrade() -> None:
    raise NotImplementedError("Contracts are evidence; restore a backup instead of going back.")
