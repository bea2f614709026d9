//! The grammar as regular expressions over normalised text, each anchored where it is tried.

use std::sync::LazyLock;

use regex::Regex;

/// Patterns are constant, and a test compiles every one of them.
pub(crate) type Pattern = LazyLock<Option<Regex>>;

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* pub(crate) static $name: Pattern = LazyLock::new(|| Regex::new(AsRef::<str>::as_ref(&$text)).ok());)*
        #[cfg(test)]
        pub(crate) static ALL: &[&Pattern] = &[$(&$name),*];
    };
}

/// A chamber, as every style writes it. Letters are capitals; words are in any case.
const CHAMBER: &str = r"(?:I/II|II|I|TK|EK|VV|T\.K\.|E\.K\.|(?i:tweede kamer(?: der staten-generaal)?|eerste kamer(?: der staten-generaal)?|verenigde vergadering(?: der staten-generaal)?))";
const SESSION: &str = r"(?i:vergaderjaar|vergaderjaren|zittingsjaar|zitting|vj\.)";
const YEARS: &str = r"(?P<y1>\d{4}) ?[-/] ?(?P<y2>\d{4}|\d{2})";
const NR: &str = r"(?i:nummers|nummer|nrs\.?|nr\.?|no\.)";

patterns! {
    /// What may stand before a dossier, up to it.
    BEFORE = format!(
        r"(?:^|[^\p{{L}}\p{{N}}])(?:(?P<annex>(?i:bijlagen?))(?: (?i:bij|van))?(?: (?i:de|het))? )?(?:(?P<label>(?i:kamerstukken|kamerstuknummer|kamerstuknr\.?|kamerstuk|kamerst\.|kst\.?))[ :,]*(?:(?P<digit>11|1|2)[, ]+)?)?(?:\(?(?P<chamber>{CHAMBER})\)?[,:]? ?)?(?:\(?{SESSION} ?)?(?:{YEARS}\)?)?[,:;.]? ?(?:(?i:dossiernummer|dossiernr\.?|dossier|vetnummer|nr\.?) ?)?$"
    );
    /// A dossier's five digits.
    DOSSIER = r"^(\d{2})[ .\-]?(\d{3})";
    /// A budget chapter or fund.
    ADDITION = r"^(?:(?:[ .\-]|, )(?i:hoofdstuk|hfdst\.?|hfst\.?|h\.) ?([IVXLC]+[A-E]?|[A-Z])|[ .\-]([IVXLC]+[A-E]?|[A-Z]{1,2})|([IVXLC]+[A-E]?|[A-Z]))";
    /// Two digits of a Council dossier.
    COUNCIL = r"^[.\-](\d{2})";
    /// A Kingdom act.
    RIJKSWET = r"^ ?\(R ?(\d{3,4})\)";
    /// Between dossiers.
    ALSO = r"^(?:, en | en |, | / |/)";
    /// `, nr. `.
    NUMBER = format!(r"^(?P<sep> ?[,.;:] ?| ?- ?| )?(?P<nr>{NR}) ?");
    /// `, ` before an item without `nr.`.
    PLAIN = r"^(, ?| ?- ?| )";
    /// A number of a paper.
    ITEM = r"^(\d{1,5}[a-z]?|[A-Z]{1,3})";
    /// Between numbers; ranges first.
    NEXT = r"^(?P<range> ?(?i:t/m|tot en met) | ?- ?)|^(?:, en | en |, ?| & )";
    /// Pages.
    PAGES = r"^,? ?(?i:pp\.?|p\.|pag\.|blz\.|bladzijden?|pagina's|pagina) ?(\d+(?:(?: ?[-/] ?|, ?| en )\d+)*)( e\.v\.)?";
    /// Another number of the same dossier.
    AGAIN = format!(r"^(?:;|, en|,| en) ?{NR} ?");
    /// The record of a sitting.
    HANDELINGEN = format!(
        r"^(?i:handelingen)(?: (?i:van de))?[ ,]*(?:\(?(?P<chamber>{CHAMBER})\)?[, ]*)?(?:{SESSION} )?{YEARS}[, ]*(?:{NR} ?(?P<nr>\d{{1,4}}))?(?:[, \-]*(?i:item) ?(?P<item>\d{{1,3}}))?(?:,? ?(?i:pp\.?|p\.|blz\.|pag\.) ?(?P<pages>\d+(?: ?- ?\d+)*))?"
    );
    /// Written questions.
    AANHANGSEL = format!(
        r"^(?i:aanhangsel)(?: (?i:van de|bij de|der))?[ ,]*(?:(?i:handelingen)[ ,]*)?(?:\(?(?P<chamber>{CHAMBER})\)?[, ]*)?(?:{SESSION} )?{YEARS}[, ]*(?:(?P<nrs>{NR}) ?)?(?P<nr>\d{{1,5}})"
    );
    /// What may stand before `Handelingen` and `Aanhangsel` in parliament's own style, up to them.
    SITTING_BEFORE = format!(
        r"(?:^|[^\p{{L}}\p{{N}}])(?:\(?(?P<chamber>{CHAMBER})\)?[,:]? ?\(?(?:{SESSION} ?)?|\(?{SESSION} ?){YEARS}\)?[,:;.]? ?$"
    );
    /// The record of a sitting behind its session.
    HANDELINGEN_BEHIND = format!(
        r"^(?i:handelingen)[ ,]*(?:{NR} ?)?(?P<nr>\d{{1,4}})[, \-]*(?i:item) ?(?P<item>\d{{1,3}})(?:,? ?(?i:pp\.?|p\.|blz\.|pag\.) ?(?P<pages>\d+(?: ?- ?\d+)*))?"
    );
    /// Written questions behind their session.
    AANHANGSEL_BEHIND = format!(
        r"^(?i:aanhangsel)(?: (?i:van de|bij de|der))?[ ,]*(?:(?i:handelingen)[ ,]*)?(?:(?P<nrs>{NR}) ?)?(?P<nr>\d{{1,5}})"
    );
    /// Staatsblad, Tractatenblad, Staatscourant.
    GAZETTE = r"^(?:(?i:(?P<stb>stb\.?|staatsblad(?: van het koninkrijk(?: der nederlanden)?)?)|(?P<trb>trb\.?|tractatenblad(?: van het koninkrijk(?: der nederlanden)?)?)|(?P<stcrt>stcrt\.?|staatscourant)))[ ,]*(?P<year>\d{4})(?:, ?(?i:nr\.? ?|no\. ?)?|/| (?i:nr\.? ?|no\. ?))(?P<nr>\d{1,5})";
    /// Official identifiers of the gazettes.
    GAZETTE_ID = r"^(?i:(?P<kind>stb|trb|stcrt))-(?P<year>\d{4})-(?P<nr>\d{1,5})";
    /// Documents of the Commission.
    COM = r"^(?P<kind>COM|JOIN|SWD|SEC) ?(?:\( ?(?P<y1>\d{4}) ?\)|/(?P<y2>\d{4})/| (?P<y3>\d{4})/) ?(?P<nr>\d{1,4})(?: ?(?i:final|definitief|def\.?|fin\.?))?";
    /// European Case Law Identifier.
    ECLI = r"^(?i:ecli):([A-Za-z]{2}):([A-Za-z0-9]{1,7}):(\d{4}):([A-Za-z0-9.]{1,25})";
    /// Identifiers of records and of written questions.
    RECORD_ID = r"^(?i:(?P<kind>ah|h))-(?i:(?P<chamber>tk|ek|vv|sg))-(?P<y1>\d{4})(?P<y2>\d{4})-(?P<nr>\d{1,5})(?:-(?P<item>\d{1,5}))?";
    /// Identifiers of papers.
    PAPER_ID = r"^(?i:kst)-(?P<dossier>\d{5})(?P<rest>(?:-(?:\(R\d{3,4}\)|[A-Z]{1,5}|\d{1,5}[a-z]?)){1,3})";
    /// Attachments, and questions without an answer.
    ATTACHMENT_ID = r"^(?i:blg)-(\d{1,9})";
    QUESTION_ID = r"^(?i:kv)-(?i:(?P<chamber>tk|ek))-(?P<year>(?:19|20)\d{2})(?i:Z)(?P<nr>\d{5})";
    /// A number before its dossier, as the Chamber numbers motions: `Zij krijgt nr. 456 (`.
    NUMBER_FIRST = format!(
        r"(?:^|[^\p{{L}}\p{{N}}]){NR} ?(?P<list>\d{{1,5}}[a-z]?(?:(?: ?(?i:t/m|tot en met) | ?- ?|, | en )\d{{1,5}}[a-z]?)*) ?\($"
    );
    /// What comes before such a number.
    NUMBERED = r"(?i:krijgt|krijgen|kreeg|kregen|motie|moties|amendement|amendementen|stuk|stukken|brief|voorstel)[^.;:()]{0,60}$";
    /// Addresses of mirrors and of dossiers.
    ADDRESS = r"^(?:kamerstuk|dossier|behandelddossier)[/=](?P<dossier>\d{5})(?:-(?P<add>[A-Z]{1,5}|\d{2}))?(?:/(?:nr/)?(?P<nr>\d{1,5}[a-z]?|[A-Z]{1,3}))?";
    /// CELEX.
    CELEX = r"^([1-9])((?:19|20)\d{2})([A-Z]{1,2})(\d{4})(?:\(\d{2}\))?";
    /// Numbers of the Tweede Kamer.
    DOCUMENT = r"^(?:19|20)\d{2}[DZ]\d{5}";
}

/// Whether a word may end before this text.
pub(crate) fn ends(rest: &str) -> bool {
    !rest.starts_with(|c: char| c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_compiles() {
        assert!(super::ALL.len() > 15 && super::ALL.iter().all(|p| p.is_some()));
    }
}
