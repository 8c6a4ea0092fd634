"""Headings of the slip in the four languages (IG 2.3 annex C), and the notification texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labels:
    """The only words that may be printed on a slip besides the bill's own."""

    payment_part: str
    account: str
    reference: str
    additional_information: str
    currency: str
    amount: str
    receipt: str
    acceptance_point: str
    separate: str
    payable_by: str
    payable_by_blank: str


LABELS = {
    "de": Labels(
        payment_part="Zahlteil",
        account="Konto / Zahlbar an",
        reference="Referenz",
        additional_information="Zusätzliche Informationen",
        currency="Währung",
        amount="Betrag",
        receipt="Empfangsschein",
        acceptance_point="Annahmestelle",
        separate="Vor der Einzahlung abzutrennen",
        payable_by="Zahlbar durch",
        payable_by_blank="Zahlbar durch (Name/Adresse)",
    ),
    "fr": Labels(
        payment_part="Section paiement",
        account="Compte / Payable à",
        reference="Référence",
        additional_information="Informations supplémentaires",
        currency="Monnaie",
        amount="Montant",
        receipt="Récépissé",
        acceptance_point="Point de dépôt",
        separate="A détacher avant le versement",
        payable_by="Payable par",
        payable_by_blank="Payable par (nom/adresse)",
    ),
    "it": Labels(
        payment_part="Sezione pagamento",
        account="Conto / Pagabile a",
        reference="Riferimento",
        additional_information="Informazioni supplementari",
        currency="Valuta",
        amount="Importo",
        receipt="Ricevuta",
        acceptance_point="Punto di accettazione",
        separate="Da staccare prima del versamento",
        payable_by="Pagabile da",
        payable_by_blank="Pagabile da (nome/indirizzo)",
    ),
    "en": Labels(
        payment_part="Payment part",
        account="Account / Payable to",
        reference="Reference",
        additional_information="Additional information",
        currency="Currency",
        amount="Amount",
        receipt="Receipt",
        acceptance_point="Acceptance point",
        separate="Separate before paying in",
        payable_by="Payable by",
        payable_by_blank="Payable by (name/address)",
    ),
}

NOTIFICATIONS = {
    "de": "NICHT ZUR ZAHLUNG VERWENDEN",
    "fr": "NE PAS UTILISER POUR LE PAIEMENT",
    "it": "NON UTILIZZARE PER IL PAGAMENTO",
    "en": "DO NOT USE FOR PAYMENT",
}
"""The message of a bill over 0.00, by language; any other message with 0.00 is refused."""
