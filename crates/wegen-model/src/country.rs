//! Countries and the codes that publishers use for them; built in from `registry/countries.csv`.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::{Code, Lang};

/// The regions this project looks at, after *De Staat van Migratie 2023* (with Afghanistan beside them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FocusRegion {
    /// Morocco to Egypt.
    NorthAfrica,
    /// Sudan to Tanzania.
    EastAfrica,
    /// Mauritania to Cameroon.
    Sahel,
    /// Syria to Oman.
    MiddleEast,
    /// Afghanistan.
    Afghanistan,
}

/// A country or territory of ISO 3166-1.
#[derive(Debug, Clone)]
pub struct Country {
    /// ISO 3166-1 alpha-3.
    pub iso3: Code,
    /// ISO 3166-1 alpha-2.
    pub iso2: Code,
    /// UNHCR's own code (`NET` for the Netherlands).
    pub unhcr: Option<Code>,
    /// Gleditsch–Ward ids, as UCDP uses them.
    pub gw: Vec<u16>,
    /// The focus region it belongs to, if any.
    pub region: Option<FocusRegion>,
    en: String,
    nl: String,
    aliases: Vec<String>,
}

impl Country {
    /// The name in daily use.
    pub fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Nl => &self.nl,
        }
    }

    /// The name as it stands within a sentence, with its article where it has one: `the Netherlands`, `de Comoren`.
    pub fn name_in_text(&self, lang: Lang) -> String {
        let code = self.iso3.as_str();
        let article = match lang {
            Lang::En if THE.contains(&code) => "the ",
            Lang::Nl if DE.contains(&code) => "de ",
            Lang::Nl if HET.contains(&code) => "het ",
            Lang::En | Lang::Nl => "",
        };
        format!("{article}{}", self.name(lang))
    }
}

/// Countries whose English name has an article in a sentence.
const THE: [&str; 30] = [
    "ARE", "ATF", "BES", "BHS", "CAF", "CCK", "COD", "COK", "COM", "CYM", "DOM", "FLK", "FRO", "GBR", "GMB",
    "IMN", "IOT", "MDV", "MHL", "MNP", "NLD", "PCN", "PHL", "SLB", "SYC", "TCA", "UMI", "USA", "VGB", "VIR",
];
/// Countries whose Dutch name has the article `de` in a sentence.
const DE: [&str; 25] = [
    "ARE", "ATF", "BHS", "CAF", "CCK", "COD", "COK", "COM", "CYM", "DOM", "ESH", "FLK", "FRO", "MDV", "MHL",
    "MNP", "PCN", "PHL", "SLB", "SYC", "TCA", "UMI", "USA", "VGB", "VIR",
];
/// Countries whose Dutch name has the article `het` in a sentence.
const HET: [&str; 2] = ["GBR", "IOT"];

/// All countries, with look-ups by each code and name.
#[derive(Debug)]
pub struct Countries {
    all: Vec<Country>,
    iso3: BTreeMap<Code, usize>,
    iso2: BTreeMap<Code, usize>,
    unhcr: BTreeMap<Code, usize>,
    gw: BTreeMap<u16, usize>,
    names: BTreeMap<String, usize>,
}

/// The registry, read once.
pub fn countries() -> &'static Countries {
    static ALL: LazyLock<Countries> =
        LazyLock::new(|| Countries::parse(include_str!("../../../registry/countries.csv")));
    &ALL
}

impl Countries {
    fn parse(text: &str) -> Countries {
        let mut all = Vec::new();
        // The file is ours and a test reads all of it; the only quoted fields are the last.
        for line in text.lines().skip(1) {
            let mut fields = line.splitn(8, ',');
            let mut next = || fields.next().unwrap_or_default();
            let (Ok(iso3), Ok(iso2)) = (Code::new(next()), Code::new(next())) else { continue };
            let unhcr = Code::new(next()).ok();
            let gw = next().split('|').filter_map(|id| id.parse().ok()).collect();
            let region = match next() {
                "north-africa" => Some(FocusRegion::NorthAfrica),
                "east-africa" => Some(FocusRegion::EastAfrica),
                "sahel" => Some(FocusRegion::Sahel),
                "middle-east" => Some(FocusRegion::MiddleEast),
                "afghanistan" => Some(FocusRegion::Afghanistan),
                _ => None,
            };
            let (en, nl) = (next().to_owned(), next().to_owned());
            let aliases =
                next().trim_matches('"').split('|').filter(|a| !a.is_empty()).map(str::to_owned).collect();
            all.push(Country { iso3, iso2, unhcr, gw, region, en, nl, aliases });
        }
        let by = |key: fn(&Country) -> Option<Code>| {
            all.iter().enumerate().filter_map(|(i, c)| Some((key(c)?, i))).collect()
        };
        let (iso3, iso2, unhcr) = (by(|c| Some(c.iso3)), by(|c| Some(c.iso2)), by(|c| c.unhcr));
        let gw = all.iter().enumerate().flat_map(|(i, c)| c.gw.iter().map(move |&g| (g, i))).collect();
        let mut names = BTreeMap::new();
        for (i, country) in all.iter().enumerate() {
            for name in country.aliases.iter().chain([&country.en, &country.nl]) {
                names.insert(fold(name), i);
            }
        }
        Countries { all, iso3, iso2, unhcr, gw, names }
    }

    /// Every country, by ISO code.
    pub fn all(&self) -> &[Country] {
        &self.all
    }

    /// The countries of the focus regions, by ISO code.
    pub fn focus(&self) -> impl Iterator<Item = &Country> {
        self.all.iter().filter(|c| c.region.is_some())
    }

    /// By ISO 3166-1 alpha-3, in capitals.
    pub fn by_iso3(&self, code: &str) -> Option<&Country> {
        self.get(&self.iso3, code)
    }

    /// By ISO 3166-1 alpha-2, in capitals.
    pub fn by_iso2(&self, code: &str) -> Option<&Country> {
        self.get(&self.iso2, code)
    }

    /// By UNHCR's own code.
    pub fn by_unhcr(&self, code: &str) -> Option<&Country> {
        self.get(&self.unhcr, code)
    }

    /// By Gleditsch–Ward id.
    pub fn by_gw(&self, id: u16) -> Option<&Country> {
        self.all.get(*self.gw.get(&id)?)
    }

    /// By a name in English, Dutch or a publisher's spelling; case and accents do not matter.
    pub fn by_name(&self, name: &str) -> Option<&Country> {
        self.all.get(*self.names.get(&fold(name))?)
    }

    /// The country a place lies in, as ISO 3166-1 alpha-3: the place itself where it is a country, otherwise the
    /// country whose code begins its P-code.
    ///
    /// Most P-codes begin with ISO 3166-1 alpha-2 (`SY070200`); some with alpha-3 (`TUR001`), which is looked for
    /// first, where no letter follows. Codes that begin with neither give `None`.
    ///
    /// ```
    /// use wegen_model::{Code, countries};
    /// let of = |code| countries().of_place(Code::new(code).unwrap()).map(|c| c.to_string());
    /// assert_eq!(of("SY070200").as_deref(), Some("SYR"));
    /// assert_eq!(of("SYR").as_deref(), Some("SYR"));
    /// ```
    pub fn of_place(&self, code: Code) -> Option<Code> {
        let text = code.as_str();
        let begins_with_iso3 = text.get(..3).filter(|_| !text[3..].starts_with(|c: char| c.is_alphabetic()));
        let country = begins_with_iso3.and_then(|iso3| self.by_iso3(iso3));
        country.or_else(|| self.by_iso2(text.get(..2)?)).map(|c| c.iso3)
    }

    /// The name of `code` for readers; the code itself where it is none of ISO's.
    pub fn name(&self, code: Code, lang: Lang) -> String {
        match (self.by_iso3(code.as_str()), code.as_str()) {
            (Some(country), _) => country.name(lang).to_owned(),
            (None, "UNK" | "XXA" | "TIB") => lang.text(&format!("place-{}", code.as_str().to_lowercase())),
            (None, other) => other.to_owned(),
        }
    }

    /// The name of `code` as it stands within a sentence; the code itself where it is none of ISO's.
    pub fn name_in_text(&self, code: Code, lang: Lang) -> String {
        self.by_iso3(code.as_str())
            .map_or_else(|| self.name(code, lang), |country| country.name_in_text(lang))
    }

    fn get(&self, index: &BTreeMap<Code, usize>, code: &str) -> Option<&Country> {
        self.all.get(*index.get(&Code::new(code).ok()?)?)
    }
}

/// Lower case, letters only, the common accents dropped: what two spellings of a name share.
fn fold(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => out.push('a'),
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'í' | 'ì' | 'î' | 'ï' => out.push('i'),
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' => out.push('o'),
            'ú' | 'ù' | 'û' | 'ü' => out.push('u'),
            'ç' => out.push('c'),
            'ñ' => out.push('n'),
            '&' => out.push_str("and"),
            c if c.is_alphanumeric() => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_registry_is_read() {
        let lines = include_str!("../../../registry/countries.csv").lines().count() - 1;
        assert_eq!(countries().all().len(), lines);
        assert!(countries().all().iter().all(|c| !c.en.is_empty() && !c.nl.is_empty()));
        assert!(countries().all().windows(2).all(|w| w[0].iso3 < w[1].iso3));
    }

    #[test]
    fn publishers_own_codes_lead_to_iso() {
        let c = countries();
        assert_eq!(c.by_unhcr("NET").unwrap().iso3.as_str(), "NLD");
        assert_eq!(c.by_unhcr("GFR").unwrap().iso3.as_str(), "DEU");
        assert_eq!(c.by_gw(652).unwrap().iso3.as_str(), "SYR");
        assert_eq!(c.by_gw(625).unwrap().iso3.as_str(), "SDN");
        assert_eq!(c.by_name("turkiye").unwrap().iso3.as_str(), "TUR");
        assert_eq!(c.by_name("Iran (Islamic Republic of)").unwrap().iso3.as_str(), "IRN");
        assert!(c.by_name("Atlantis").is_none());
    }

    #[test]
    fn places_lie_in_the_country_whose_code_they_begin_with() {
        let of = |code: &str| countries().of_place(Code::new(code).unwrap()).map(|c| c.as_str().to_owned());
        for (place, country) in [
            ("SYR", "SYR"),
            ("SY", "SYR"),
            ("SY070200", "SYR"),
            ("SD11053", "SDN"),
            ("NER001", "NER"),
            ("NE001", "NER"),
            // Alpha-3 first: `BD` is Bangladesh, `TU` is nobody’s.
            ("BDI001", "BDI"),
            ("TUR001", "TUR"),
            ("BGD-1806", "BGD"),
            // A letter after alpha-2 is part of the area’s own code.
            ("IQG01", "IRQ"),
            ("LSA", "LSO"),
        ] {
            assert_eq!(of(place).as_deref(), Some(country), "{place}");
        }
        for place in ["UNK", "XXA", "TIB", "S", "3501000", "841e265ffffffff", "sy07"] {
            assert_eq!(of(place), None, "{place}");
        }
        for country in countries().all() {
            assert_eq!(countries().of_place(country.iso3), Some(country.iso3));
        }
    }

    #[test]
    fn names_follow_the_language() {
        assert_eq!(countries().name(Code::new("SYR").unwrap(), Lang::Nl), "Syrië");
        assert_eq!(countries().name(Code::new("XXA").unwrap(), Lang::Nl), "Staatloos");
        assert_eq!(countries().name(Code::new("ZZZ").unwrap(), Lang::En), "ZZZ");
    }

    #[test]
    fn names_in_a_sentence_have_their_article() {
        let of = |code: &str, lang| countries().name_in_text(Code::new(code).unwrap(), lang);
        for (code, en, nl) in [
            ("NLD", "the Netherlands", "Nederland"),
            ("GBR", "the United Kingdom", "het Verenigd Koninkrijk"),
            ("USA", "the United States", "de Verenigde Staten"),
            ("CAF", "the Central African Republic", "de Centraal-Afrikaanse Republiek"),
            ("COM", "the Comoros", "de Comoren"),
            ("GMB", "the Gambia", "Gambia"),
            ("ESH", "Western Sahara", "de Westelijke Sahara"),
            ("SYR", "Syria", "Syrië"),
            ("ZZZ", "ZZZ", "ZZZ"),
        ] {
            assert_eq!((of(code, Lang::En).as_str(), of(code, Lang::Nl).as_str()), (en, nl));
        }
        for code in THE.iter().chain(&DE).chain(&HET) {
            assert!(countries().by_iso3(code).is_some(), "{code}");
        }
        // Plural and descriptive names that nobody gave an article.
        for country in countries().all() {
            let english = country.name(Lang::En);
            let plural =
                [" Islands", " Republic", " Territory", " Kingdom"].iter().any(|e| english.ends_with(e));
            let joined = english.contains('&') || english == "Åland Islands";
            if plural && !joined {
                assert!(THE.contains(&country.iso3.as_str()), "{english}");
            }
        }
    }

    #[test]
    fn the_focus_regions_hold_the_cases_we_build_for() {
        let focus: Vec<&str> = countries().focus().map(|c| c.iso3.as_str()).collect();
        for iso3 in ["SYR", "SDN", "MLI", "NER", "AFG", "EGY", "SOM", "YEM"] {
            assert!(focus.contains(&iso3), "{iso3}");
        }
    }
}
