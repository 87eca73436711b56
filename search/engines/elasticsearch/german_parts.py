"""Words of which German makes compounds: "Seitenvorlage" is found by "Vorlage".

Lower case, in the forms in which they stand inside compounds ("seiten", "seite"). The engine takes a
word apart only into words of this list, so one that is missing costs a match, and one too many
makes a wrong one: no part is shorter than four letters.
"""

from typing import Final

_OFFICE: Final = """
    abgabe ablage abrechnung abteilung adresse adressen agentur akte akten amt anfrage angebot angebote
    anlage anleitung anmeldung antrag antrags anzeige anzeigen arbeit arbeits archiv artikel aufgabe
    aufgaben auflage auftrag auftrags ausbildung ausgabe auskunft ausstellung auswahl auswertung bank
    bearbeitung bedarf beirat beitrag beitrags benutzer beratung beratungs bericht berichts beruf berufs
    bestellung betrag betrieb betriebs bewerbung bildung bildungs brief buch buchung buchungs bureau büro
    daten dienst dienste dienstleistung dienstleistungs eingabe einkauf einkaufs einstellung einstellungen
    entwicklung entwicklungs ergebnis erklärung erlaubnis ermittlung etat fach fachkraft fall firma firmen
    formular forschung forschungs frage fragen frist förderung führung führungs gebühr gebühren gehalt
    geld gemeinde gericht gerichts gesellschaft gesetz gewerbe gewinn gremium gruppe gruppen gutachten
    handbuch handel handels haushalt haushalts honorar jahr jahres kalender kammer kanzlei kasse kauf
    konto kosten kraft kredit kunde kunden kurs käufer lager leistung leistungs leiter leitung lieferung
    liste listen lohn marke marken markt mitarbeiter mitglied mitglieder monat monats nachweis nummer
    nutzer nutzung nutzungs ordnung partner personal plan planung planungs post preis preise produkt
    produkte programm projekt projekte prozess prämie prüfung prüfungs qualität qualitäts quartal quelle
    quellen rabatt rahmen rechnung rechnungs recht rechts rede regel regeln register rente sache sitzung
    sitzungs stelle stellen steuer stunde stunden tag tages tagung tarif team teil termin terminal termine
    thema themen umsatz unterlage unterlagen unternehmen unternehmens unterricht urlaub urlaubs verband
    verein vereins verfahren vergleich verhandlung verkauf verkaufs verlag verlags vermittlung versand
    versicherung versicherungs vertrag vertrags vertrieb vertriebs verwaltung verwaltungs vorgang vorlage
    vorlagen vorschrift vorstand wahl ware waren werbung werk wert werte wesen wirtschaft wirtschafts
    woche wochen zahl zahlen zahlung zahlungs zeichen zeit zeiten zentrale zentrum zertifikat ziel ziele
    zins zugang zugangs
"""
_PRINT: Final = """
    absatz autor autoren barriere bild bilder bildschirm blatt blog blogs blätter bogen buchstabe
    buchstaben dokument dokumente druck drucker einband entwurf entwürfe fahne fahnen farbe farben foto
    fotos freigabe gestaltung gestaltungs grafik handschrift heft inhalt inhalte inhalts kapitel karte
    karten kolumne korrektur korrekturen kunst layout lektor lektorat leser manuskript maschine maschinen
    medien muster papier presse rand redakteur redaktion redaktions reihe roman satz schreib schreiber
    schrift schriften seite seiten setzer spalte sprach sprache sprachen tabelle tabellen text texte tinte
    titel umbruch umschlag verzeichnis veröffentlichung vorschau wort wörter wörterbuch zeile zeilen
    zeitschrift zeitung zeitungs überschrift übersetzung übersetzungs
"""
_TECHNOLOGY: Final = """
    abfrage anbieter anschluss anwendung anwendungs aufruf ausfall baum bedienung bibliothek browser cache
    code computer datei dateien datenbank datenschutz datum eingang element elemente ereignis fehler feld
    felder fenster filter form format freund funktion funktions gerät geräte handy herkunft index
    installation internet kennwort klasse konfiguration konto kontroll kontrolle kopie lauf laufzeit
    leistung meldung menü modell modul modus nachricht nachrichten netz netzwerk netzwerks oberfläche
    objekt ordner ort passwort pfad platte platz protokoll prüf rechner referenz rolle rollen schicht
    schlüssel schnitt schnittstelle schnittstellen server sicherheit sicherheits sicht software speicher
    speicherung spur stand start status steuerung strom struktur störung such suche suchmaschine symbol
    system systeme tastatur taste technik technologie telefon test tests treiber typen umgebung umgebungs
    variable verbindung verbindungs vergabe verlauf version versionen verteilung verwalter warnung wartung
    wartungs web webseite werkzeug werkzeuge zeiger zugriff zugriffs zustand zähler
"""
_LIFE: Final = """
    abend arzt auto bahn bahnhof bauer baum berg besuch besucher bier blume blumen boden brot brücke bund
    bundes burg bürger dach dorf energie ernährung essen fahrer fahrrad fahrt fahrzeug familie familien
    feier ferien fest feuer film filme fisch flasche fleisch flug flughafen fluss frau frauen freiheit
    freizeit frieden garten gast gebiet geburt geburtstag gebäude gefahr gemüse geschenk geschichte
    geschäft geschäfte gesundheit gesundheits glas grenze grund gäste hafen hand handwerk haus heim
    heizung herbst hilfe hilfs hof holz hotel hund hunde häuser insel jugend kaffee kind kinder kirche
    kirchen kleid kleider klima klinik knie koch kultur küche küchen küste land landes landschaft leben
    lebens lehrer licht liebe luft länder mann markt mauer meer mensch menschen milch mittag morgen motor
    museum musik männer möbel nacht nahrung natur obst park pferd pflanze pflanzen pflege polizei raum
    regen region reise reisen restaurant rhein räume sammlung sand schiff schiffs schlaf schloss schuh
    schuhe schul schule schutz schwimm schüler see sommer sonne sonnen spiel spiele sport staat staats
    stadt station strand straße straßen studie studien studium sturm städte stück süden tanz tasche
    theater tier tiere tisch tochter turm uhr umwelt universität vater verkehr verkehrs vogel volk volks
    wagen wald wand wasser wein welt welten wetter wiese wind winter wissen wissenschaft wissenschafts
    wohnung wohnungs zahn zelle zimmer zucker zug zukunft zukunfts züge ärzte
"""
_SHORTEST: Final = 4


def german_parts() -> list[str]:
    """Sorted, each once."""
    words = set(f"{_OFFICE} {_PRINT} {_TECHNOLOGY} {_LIFE}".split())
    return sorted(word for word in words if len(word) >= _SHORTEST)
