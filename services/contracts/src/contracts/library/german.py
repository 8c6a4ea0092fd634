"""System blocks in German."""

from __future__ import annotations

from contracts.library.text import Text

TEXTS: tuple[Text, ...] = (
    Text(
        "parties",
        "preamble",
        "Vertragsparteien",
        """ Dieser Vertrag wird geschlossen zwischen

- **{{issuer.name}}**, {{issuer.address}}, {{issuer.email}} (nachfolgend «Studio»), und
- **{{customer.name}}**, {{customer.address}}, {{customer.email}} (nachfolgend «Kunde»).

Bezeichnungen gelten für alle Geschlechter. Allgemeine Geschäftsbedingungen des Kunden gelten nur, wenn das
Studio ihnen schriftlich zugestimmt hat.
""",
    ),
    Text(
        "subject",
        "scope",
        "Gegenstand und Vergütung",
        """
Das Studio erbringt für den Kunden die Leistungen der angenommenen Offerte {{quote.number}}. Vereinbart sind
die folgenden Positionen; was hier nicht aufgeführt ist, gehört nicht zum Auftrag.

{{quote.table}}

Zusätzliche Leistungen, die der Kunde nach Vertragsschluss wünscht, bietet das Studio vor der Ausführung
gesondert an. Sie werden erst ausgeführt, wenn der Kunde das Angebot in Textform angenommen hat.
""",
    ),
    Text(
        "subject_free",
        "scope",
        "Gegenstand des Vertrags",
        """
Der Kunde beauftragt das Studio mit dem Projekt «{{contract.title}}». Umfang, Termine und Vergütung ergeben
sich aus den folgenden Abschnitten. Mündliche Nebenabreden bestehen nicht.
""",
    ),
    Text(
        "booking",
        "scope",
        "Termin und Ort",
        """
Der Termin «{{booking.title}}» findet am **{{booking.date}}** statt. Ort: {{booking.location}}.

Der Kunde sorgt dafür, dass das Studio mindestens 30 Minuten vor Beginn Zugang hat und dass nötige
Bewilligungen für Aufnahmen am Ort vorliegen. Verzögert sich der Beginn aus Gründen, die der Kunde zu
vertreten hat, verlängert sich die vereinbarte Zeit nicht; Mehrzeit wird nach Aufwand verrechnet, wenn das
Studio verfügbar ist.
""",
    ),
    Text(
        "cooperation",
        "scope",
        "Mitwirkung und Korrekturen",
        """
Der Kunde stellt Unterlagen, Zugänge und Ansprechpersonen rechtzeitig bereit und gibt Rückmeldungen
innerhalb von zehn Arbeitstagen. Er steht dafür ein, dass er die Rechte an den von ihm gelieferten Inhalten
hat.

In der Vergütung sind **zwei Korrekturrunden** enthalten. Eine Korrekturrunde ist eine gesammelte
Rückmeldung zu einem vorgelegten Stand. Weitere Runden und Änderungen an bereits freigegebenen Arbeiten
werden nach Aufwand verrechnet.
""",
    ),
    Text(
        "usage_private",
        "body",
        "Nutzungsrechte für private Kunden",
        """
Das Studio bleibt Urheber der Arbeiten. Der Kunde erhält mit der vollständigen Zahlung das einfache,
zeitlich und örtlich unbeschränkte Recht, sie **privat** zu nutzen: drucken, an Familie und Freunde
weitergeben und in eigenen sozialen Netzwerken zeigen.

Nicht erlaubt sind der Verkauf, die Nutzung für Werbung und die Weitergabe an Unternehmen. Bearbeitungen,
auch durch Filter, sind nur im privaten Kreis gestattet. Das Studio bewahrt die Arbeiten zwölf Monate nach
Ablieferung auf.
""",
    ),
    Text(
        "usage_commercial",
        "body",
        "Nutzungsrechte für Unternehmen",
        """
Mit der vollständigen Zahlung räumt das Studio dem Kunden das einfache Recht ein, die abgelieferten Arbeiten
für die **eigene Unternehmenskommunikation** zu nutzen:

| Umfang | Vereinbarung |
| --- | --- |
| Medien | Website, soziale Netzwerke, Drucksachen, Medienarbeit |
| Gebiet | weltweit |
| Dauer | fünf Jahre ab Ablieferung |
| Exklusivität | keine |

Bezahlte Anzeigen, Verpackungen, der Weiterverkauf und die Weitergabe an Dritte (auch an
Konzerngesellschaften) bedürfen einer schriftlichen Vereinbarung. Das Studio wird bei redaktioneller Nutzung
als Urheber genannt. Offene Dateien und Rohdaten sind nicht Teil der Ablieferung.
""",
    ),
    Text(
        "model_release_private",
        "body",
        "Einwilligung zu Bildern: private Aufnahmen",
        """
Die abgebildeten Personen sind mit den Aufnahmen einverstanden. Das Studio zeigt Bilder aus diesem Auftrag
**nur mit gesonderter Zustimmung** in seinem Portfolio, auf seiner Website oder in sozialen Netzwerken.

Eine solche Zustimmung ist freiwillig und kann jederzeit für die Zukunft widerrufen werden; das Studio
entfernt die Bilder dann innerhalb von 14 Tagen aus den Medien, die es selbst betreibt.
""",
    ),
    Text(
        "model_release_commercial",
        "body",
        "Einwilligung zu Bildern: Aufnahmen für Unternehmen",
        """
Der Kunde holt vor dem Termin die schriftliche Einwilligung aller Personen ein, die erkennbar abgebildet
werden, und informiert sie über Zweck, Medien und Dauer der Nutzung. Dies gilt auch für Mitarbeitende.

Er legt die Einwilligungen dem Studio auf Wunsch vor und hält es von Ansprüchen frei, die entstehen, weil
eine Einwilligung fehlt oder nicht so weit reicht wie die Nutzung. Der Widerruf einer Einwilligung ist dem
Studio sofort mitzuteilen.
""",
    ),
    Text(
        "model_release_minors",
        "body",
        "Einwilligung zu Bildern: Minderjährige",
        """
Werden Minderjährige abgebildet, unterzeichnet eine sorgeberechtigte Person diesen Vertrag und bestätigt,
dass auch die übrigen Sorgeberechtigten einverstanden sind. Urteilsfähige Jugendliche werden zusätzlich
selbst gefragt.

Eine Begleitperson ist während der Aufnahmen anwesend. Bilder von Minderjährigen werden nicht
veröffentlicht, auch nicht im Portfolio des Studios, ausser die Sorgeberechtigten stimmen der einzelnen
Veröffentlichung in Textform zu.
""",
    ),
    Text(
        "booking_fee",
        "payment",
        "Reservationsgebühr",
        """
Mit der Unterzeichnung wird eine Reservationsgebühr von **30 %** des Gesamtbetrags von {{deal.total}}
fällig. Der Termin ist verbindlich reserviert, sobald sie eingegangen ist; sie wird an den Gesamtbetrag
angerechnet.

Geht die Gebühr nicht innerhalb von zehn Tagen ein, kann das Studio den Termin nach einer Erinnerung
anderweitig vergeben.
""",
    ),
    Text(
        "payment",
        "payment",
        "Zahlung",
        """
Der Gesamtbetrag beträgt {{deal.total}}. {{quote.payment}}.

Bei der Zahlung ist die auf der Rechnung gedruckte Referenz zu verwenden. Nach Ablauf der Frist ist der
Kunde ohne Mahnung in Verzug. Rechte an den Arbeiten gehen erst mit der vollständigen Zahlung über.
""",
    ),
    Text(
        "payment_instalments",
        "payment",
        "Zahlung in Raten",
        """
Der Gesamtbetrag von {{deal.total}} ist in folgenden Raten zu zahlen:

{{quote.instalments}}

{{quote.payment}}. Bei jeder Zahlung ist die auf der Rechnung gedruckte Referenz zu verwenden. Nach Ablauf
der Frist ist der Kunde ohne Mahnung in Verzug; das Studio kann weitere Arbeiten bis zum Eingang der
fälligen Rate ruhen lassen.
""",
    ),
    Text(
        "cancellation",
        "cancellation",
        "Rücktritt des Kunden",
        """
Der Kunde kann den Auftrag jederzeit in Textform absagen. Bereits erbrachte Leistungen und angefallene
Auslagen werden voll verrechnet. Vom Rest des Gesamtbetrags schuldet er:

| Absage vor dem vereinbarten Beginn | Anteil |
| --- | ---: |
| mehr als 60 Tage | 0 % |
| 60 bis 31 Tage | 30 % |
| 30 bis 8 Tage | 60 % |
| 7 Tage oder weniger | 90 % |

Der Kunde kann nachweisen, dass dem Studio kein oder ein kleinerer Schaden entstanden ist. Vergibt das
Studio die Zeit anderweitig, wird dieser Verdienst angerechnet.
""",
    ),
    Text(
        "rescheduling",
        "cancellation",
        "Verschiebung, Krankheit, höhere Gewalt",
        """
Einmal kann der Kunde den Termin bis 30 Tage vorher ohne Kosten verschieben, wenn das Studio am neuen Datum
frei ist.

Fällt die ausführende Person des Studios wegen Krankheit oder Unfall aus, sucht das Studio einen
gleichwertigen Ersatz. Findet es keinen, erhält der Kunde alle Zahlungen für nicht erbrachte Leistungen
zurück; weitere Ansprüche bestehen nicht, ausser bei Absicht oder grober Fahrlässigkeit. Bei höherer Gewalt
sind beide Seiten für deren Dauer frei.
""",
    ),
    Text(
        "deliverables",
        "delivery",
        "Ablieferung und Abnahme",
        """
Das Studio liefert die Arbeiten in den üblichen Dateiformaten über eine passwortgeschützte Galerie oder
einen Download-Link. Ohne andere Abrede beträgt die Lieferfrist **vier Wochen** ab dem Termin oder ab
Freigabe des Entwurfs.

Der Kunde prüft die Arbeiten innerhalb von 14 Tagen. Rügt er bis dahin keine Mängel in Textform, gelten sie
als abgenommen. Gestaltung und Bildauswahl folgen dem Stil des Studios, den der Kunde kennt; sie sind kein
Mangel. Der Kunde sichert die gelieferten Dateien selbst.
""",
    ),
    Text(
        "privacy",
        "privacy",
        "Datenschutz",
        """
Das Studio bearbeitet Personendaten des Kunden und der abgebildeten Personen nur, um diesen Vertrag zu
erfüllen und um gesetzlichen Pflichten nachzukommen. Rechnungen und Verträge werden zehn Jahre aufbewahrt,
Arbeitsdaten zwölf Monate.

Dienstleister (Speicher, Versand, Labor) erhalten Daten nur, soweit nötig, und sind zur Vertraulichkeit
verpflichtet. Auskunft, Berichtigung und Löschung können jederzeit unter {{issuer.email}} verlangt werden.
Beim elektronischen Unterzeichnen werden Zeitpunkt, IP-Adresse und Browser als Beweis gespeichert.
""",
    ),
    Text(
        "nda",
        "nda",
        "Vertraulichkeit",
        """
Beide Seiten behandeln Unterlagen und Kenntnisse, die als vertraulich bezeichnet oder erkennbar vertraulich
sind, vertraulich und nutzen sie nur für diesen Auftrag. Das gilt während des Auftrags und **drei Jahre**
danach.

Ausgenommen ist, was öffentlich bekannt ist, was die andere Seite schon kannte oder unabhängig entwickelt
hat, und was von Gesetzes wegen offengelegt werden muss. Auf Verlangen werden vertrauliche Unterlagen
zurückgegeben oder gelöscht.
""",
    ),
    Text(
        "liability",
        "closing",
        "Haftung",
        """
Das Studio haftet unbeschränkt für Absicht und grobe Fahrlässigkeit sowie für Schäden an Leben und
Gesundheit. Bei leichter Fahrlässigkeit haftet es nur für die Verletzung wesentlicher Pflichten und
höchstens bis zum Gesamtbetrag dieses Vertrags.

Für Verlust oder Beschädigung von Daten beim Kunden haftet das Studio nicht, nachdem die Arbeiten abgenommen
sind.
""",
    ),
    Text(
        "jurisdiction_ch",
        "closing",
        "Recht und Gerichtsstand (Schweiz)",
        """
Es gilt schweizerisches Recht unter Ausschluss des Kollisionsrechts und des Wiener Kaufrechts. Gerichtsstand
ist {{issuer.town}}; zwingende Gerichtsstände für Konsumentinnen und Konsumenten bleiben vorbehalten.

Änderungen und Ergänzungen bedürfen der Schriftform oder der elektronischen Unterzeichnung auf dem Weg, auf
dem dieser Vertrag geschlossen wurde. Ist eine Bestimmung unwirksam, bleiben die übrigen gültig.
""",
    ),
    Text(
        "jurisdiction_de",
        "closing",
        "Recht und Gerichtsstand (Deutschland)",
        """
Es gilt deutsches Recht unter Ausschluss des UN-Kaufrechts. Ist der Kunde Kaufmann, ist {{issuer.town}}
Gerichtsstand; für Verbraucher gelten die gesetzlichen Gerichtsstände. Verbrauchern bleibt der Schutz des
zwingenden Rechts ihres gewöhnlichen Aufenthalts.

Das Studio nimmt nicht an Verfahren vor einer Verbraucherschlichtungsstelle teil. Änderungen bedürfen der
Textform. Ist eine Bestimmung unwirksam, bleiben die übrigen gültig.
""",
    ),
    Text(
        "jurisdiction_at",
        "closing",
        "Recht und Gerichtsstand (Österreich)",
        """
Es gilt österreichisches Recht unter Ausschluss der Verweisungsnormen und des UN-Kaufrechts. Für Unternehmer
ist das sachlich zuständige Gericht in {{issuer.town}} zuständig; für Verbraucher gelten § 14 KSchG und die
gesetzlichen Gerichtsstände.

Änderungen bedürfen der Schriftform, soweit nicht im Einzelnen etwas anderes vereinbart wird. Ist eine
Bestimmung unwirksam, bleiben die übrigen gültig.
""",
    ),
)
