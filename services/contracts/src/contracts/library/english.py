"""System blocks in English."""

from __future__ import annotations

from contracts.library.text import Text

TEXTS: tuple[Text, ...] = (
    Text(
        "parties",
        "preamble",
        "Parties",
        """
This contract is made between

- **{{issuer.name}}**, {{issuer.address}}, {{issuer.email}} (the “Studio”), and
- **{{customer.name}}**, {{customer.address}}, {{customer.email}} (the “Customer”).

General terms of the Customer apply only where the Studio has agreed to them in writing.
""",
    ),
    Text(
        "subject",
        "scope",
        "Subject and fee",
        """
The Studio provides the services of the accepted quote {{quote.number}}. The following items are agreed;
what is not listed here is not part of the engagement.

{{quote.table}}

Where the Customer wants more after this contract is made, the Studio quotes it separately first. It is
carried out once the Customer has accepted that quote in text form.
""",
    ),
    Text(
        "subject_free",
        "scope",
        "Subject of the contract",
        """
The Customer engages the Studio for the project “{{contract.title}}”. Scope, dates and fee follow from the
sections below. There are no oral side agreements.
""",
    ),
    Text(
        "booking",
        "scope",
        "Date and place",
        """
The booking “{{booking.title}}” takes place on **{{booking.date}}**. Place: {{booking.location}}.

The Customer makes sure that the Studio has access at least 30 minutes before the start and that any permits
needed to photograph or film there are at hand. A late start for which the Customer is responsible does not
extend the agreed time; extra time is charged by the hour, if the Studio is available.
""",
    ),
    Text(
        "cooperation",
        "scope",
        "Cooperation and corrections",
        """
The Customer provides material, access and contact persons in time and gives feedback within ten working
days. The Customer confirms that it holds the rights in everything it supplies.

The fee includes **two rounds of corrections**. A round is one collected set of comments on a version
presented. Further rounds, and changes to work already approved, are charged by the hour.
""",
    ),
    Text(
        "usage_private",
        "body",
        "Usage rights for private customers",
        """
The Studio remains the author of the works. On full payment the Customer receives the non-exclusive right,
unlimited in time and place, to use them **privately**: to print them, to share them with family and
friends, and to show them on the Customer's own social network accounts.

Sale, use in advertising and passing them on to businesses are not permitted. Edits, filters included, are
permitted in private only. The Studio keeps the works for twelve months after delivery.
""",
    ),
    Text(
        "usage_commercial",
        "body",
        "Usage rights for businesses",
        """
On full payment the Studio grants the Customer the non-exclusive right to use the delivered works for its
**own corporate communication**:

| Scope | Agreed |
| --- | --- |
| Media | website, social networks, printed matter, press work |
| Territory | worldwide |
| Term | five years from delivery |
| Exclusivity | none |

Paid advertisements, packaging, resale and passing the works on to third parties (group companies included)
need a written agreement. The Studio is credited as author in editorial use. Working files and raw data are
not part of the delivery.
""",
    ),
    Text(
        "model_release_private",
        "body",
        "Consent to pictures: private sessions",
        """
The persons pictured agree to the photographs being taken. The Studio shows pictures from this engagement in
its portfolio, on its website or on social networks **only with separate consent**.

Such consent is voluntary and may be withdrawn for the future at any time; the Studio then removes the
pictures within 14 days from the media it runs itself.
""",
    ),
    Text(
        "model_release_commercial",
        "body",
        "Consent to pictures: sessions for businesses",
        """
Before the session the Customer obtains the written consent of every person who will be recognisable and
informs them of the purpose, the media and the term of use. This includes employees.

The Customer presents the consents on request and holds the Studio harmless from claims that arise because a
consent is missing or does not reach as far as the use. The Studio is told at once when a consent is
withdrawn.
""",
    ),
    Text(
        "model_release_minors",
        "body",
        "Consent to pictures: minors",
        """
Where minors are pictured, a holder of parental responsibility signs this contract and confirms that the
others holding it agree as well. Young people capable of judgement are asked in addition.

An accompanying adult is present during the session. Pictures of minors are not published, not in the
Studio's portfolio either, unless those with parental responsibility agree to the single publication in text
form.
""",
    ),
    Text(
        "booking_fee",
        "payment",
        "Booking fee",
        """
On signing, a booking fee of **30 %** of the total of {{deal.total}} becomes due. The date is firmly
reserved once it has been received; it counts towards the total.

If the fee is not received within ten days, the Studio may give the date to others after one reminder.
""",
    ),
    Text(
        "payment",
        "payment",
        "Payment",
        """
The total is {{deal.total}}. {{quote.payment}}.

Please pay with the reference printed on the invoice. After the due date the Customer is in default without
a reminder. Rights in the works pass on full payment only.
""",
    ),
    Text(
        "payment_instalments",
        "payment",
        "Payment by instalments",
        """
The total of {{deal.total}} is payable in the following instalments:

{{quote.instalments}}

{{quote.payment}}. Please pay with the reference printed on each invoice. After the due date the Customer is
in default without a reminder; the Studio may pause further work until the instalment due has been received.
""",
    ),
    Text(
        "cancellation",
        "cancellation",
        "Cancellation by the Customer",
        """
The Customer may cancel at any time in text form. Work already done and expenses incurred are charged in
full. Of the rest of the total the Customer owes:

| Cancelled before the agreed start | Share |
| --- | ---: |
| more than 60 days | 0 % |
| 60 to 31 days | 30 % |
| 30 to 8 days | 60 % |
| 7 days or less | 90 % |

The Customer may show that the Studio suffered no loss or a smaller one. What the Studio earns by giving the
time to others is deducted.
""",
    ),
    Text(
        "rescheduling",
        "cancellation",
        "Rescheduling, illness, force majeure",
        """
The Customer may move the date once, up to 30 days before it, at no cost, if the Studio is free on the new
date.

If the person carrying out the work falls ill or has an accident, the Studio looks for an equal replacement.
If there is none, the Customer is refunded everything paid for work not done; there are no further claims
except in case of intent or gross negligence. Force majeure releases both sides while it lasts.
""",
    ),
    Text(
        "deliverables",
        "delivery",
        "Delivery and acceptance",
        """
The Studio delivers the works in the usual file formats through a password-protected gallery or a download
link. Unless agreed otherwise, delivery is within **four weeks** of the session or of approval of the draft.

The Customer checks the works within 14 days. They count as accepted if no defect is reported in text form
by then. Design and selection follow the Studio's style, which the Customer knows; they are no defect. The
Customer backs up the delivered files.
""",
    ),
    Text(
        "privacy",
        "privacy",
        "Data protection",
        """
The Studio processes personal data of the Customer and of the persons pictured only to fulfil this contract
and to meet legal duties. Invoices and contracts are kept for ten years, working data for twelve months.

Service providers (storage, dispatch, laboratory) receive data only as far as needed and are bound to
confidentiality. Access, correction and deletion may be requested at any time from {{issuer.email}}. On
signing electronically, the time, IP address and browser are stored as evidence.
""",
    ),
    Text(
        "nda",
        "nda",
        "Confidentiality",
        """
Both sides keep documents and knowledge that are marked confidential, or are recognisably so, confidential
and use them for this engagement only. This applies during the engagement and for **three years** after it.

Excepted is what is publicly known, what the other side knew already or developed on its own, and what must
be disclosed by law. On request, confidential documents are returned or deleted.
""",
    ),
    Text(
        "liability",
        "closing",
        "Liability",
        """
The Studio is liable without limit for intent and gross negligence and for harm to life and health. For
slight negligence it is liable only for the breach of essential duties and up to the total of this contract
at most.

Once the works are accepted, the Studio is not liable for loss of or damage to data held by the Customer.
""",
    ),
    Text(
        "jurisdiction_ch",
        "closing",
        "Law and jurisdiction (Switzerland)",
        """
Swiss law applies, excluding its conflict of laws rules and the UN Convention on Contracts for the
International Sale of Goods. The place of jurisdiction is {{issuer.town}}; mandatory places of jurisdiction
for consumers are reserved.

Amendments need written form or electronic signing by the same means as this contract. If a provision is
invalid, the others remain in force.
""",
    ),
    Text(
        "jurisdiction_de",
        "closing",
        "Law and jurisdiction (Germany)",
        """
German law applies, excluding the UN Convention on Contracts for the International Sale of Goods. If the
Customer is a merchant, the place of jurisdiction is {{issuer.town}}; for consumers the statutory places of
jurisdiction apply. Consumers keep the protection of the mandatory law of their habitual residence.

The Studio does not take part in proceedings before a consumer arbitration board. Amendments need text form.
If a provision is invalid, the others remain in force.
""",
    ),
    Text(
        "jurisdiction_at",
        "closing",
        "Law and jurisdiction (Austria)",
        """
Austrian law applies, excluding its conflict of laws rules and the UN Convention on Contracts for the
International Sale of Goods. For entrepreneurs the court with subject-matter jurisdiction in {{issuer.town}}
is competent; for consumers § 14 KSchG and the statutory places of jurisdiction apply.

Amendments need written form unless agreed otherwise in the single case. If a provision is invalid, the
others remain in force.
""",
    ),
)
