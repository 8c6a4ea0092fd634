"""Names that live in databases and brokers: renaming one orphans messages, so a change must be made here too."""

from tests.support.services import declared_handlers

STORED: dict[str, set[str]] = {
    "contracts": {
        "customer_changed.v1 keep_customer",
        "document_failed.v1 report_document",
        "document_stored.v1 keep_document",
        "features_changed.v1 keep_features",
        "quote_converted.v1 spawn_contract",
        "settings_changed.v1 keep_settings",
    },
    "documents": {
        "contract_countersigned.v1 make_final_contract",
        "contract_fully_signed.v1 mail_final_contract",
        "contract_reminded.v1 remind_signer",
        "contract_sent.v1 make_contract",
        "customer_invited.v1 mail_invitation",
        "customer_link_requested.v1 mail_customer_link",
        "invoice_issued.v1 make_invoice",
        "quote_accepted.v1 make_accepted_quote",
        "quote_code_requested.v1 mail_quote_code",
        "quote_declined.v1 tell_quote_declined",
        "quote_expiring.v1 mail_quote_expiring",
        "quote_reopened.v1 call_off_reopened",
        "quote_sent.v1 make_quote",
        "quote_withdrawn.v1 call_off_withdrawn",
        "settings_changed.v1 keep_settings",
    },
    "invoicing": {
        "customer_changed.v1 keep_customer",
        "document_failed.v1 report_document",
        "document_stored.v1 keep_document",
        "features_changed.v1 keep_features",
        "mail_failed.v1 report_mail",
        "mail_sent.v1 deliver",
        "quote_converted.v1 spawn_invoices",
        "settings_changed.v1 keep_settings",
    },
    "portal_gateway": {
        "booking_changed.v1 project",
        "booking_deleted.v1 project",
        "booking_delivered.v1 project",
        "contract_cancelled.v1 project",
        "contract_countersigned.v1 project",
        "contract_declined.v1 project",
        "contract_deleted.v1 project",
        "contract_drafted.v1 project",
        "contract_expired.v1 project",
        "contract_fully_signed.v1 project",
        "contract_integrity_failed.v1 project",
        "contract_reminded.v1 project",
        "contract_sent.v1 project",
        "contract_signed.v1 project",
        "contract_withdrawn.v1 project",
        "document_failed.v1 project",
        "document_stored.v1 project",
        "invoice_deleted.v1 project",
        "invoice_drafted.v1 project",
        "invoice_issued.v1 project",
        "invoice_overdue.v1 project",
        "invoice_paid.v1 project",
        "invoice_sent.v1 project",
        "mail_called_off.v1 project",
        "mail_failed.v1 project",
        "mail_queued.v1 project",
        "mail_sent.v1 project",
        "payment_recorded.v1 project",
        "quote_accepted.v1 project",
        "quote_converted.v1 project",
        "quote_declined.v1 project",
        "quote_deleted.v1 project",
        "quote_drafted.v1 project",
        "quote_expired.v1 project",
        "quote_opened.v1 project",
        "quote_reopened.v1 project",
        "quote_sent.v1 project",
        "quote_withdrawn.v1 project",
    },
    "quotes": {
        "contract_drafted.v1 note_spawned",
        "customer_changed.v1 keep_customer",
        "document_stored.v1 keep_document",
        "features_changed.v1 keep_features",
        "invoice_drafted.v1 note_spawned",
        "settings_changed.v1 keep_settings",
    },
}


def test_handler_names_are_as_stored_in_the_inboxes() -> None:
    declared = {
        service: {f"{type} {name}" for type, names in by_type.items() for name in names}
        for service, by_type in declared_handlers().items()
    }
    assert declared == STORED
