//! Countries in running text, by name, short form and adjective, so that two languages can be laid side by side.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use wegen_model::Lang;

/// A way to write a country.
struct Form {
    text: String,
    iso3: String,
    /// Whether it is a name; an adjective only stands for one.
    name: bool,
}

/// Forms by their first word, the longest first.
type Forms = BTreeMap<String, Vec<Form>>;

static DUTCH: LazyLock<Forms> = LazyLock::new(|| forms(Lang::Nl));
static ENGLISH: LazyLock<Forms> = LazyLock::new(|| forms(Lang::En));

/// Stands for two countries that share a short name.
const CONGO: &str = "COD/COG";

fn forms(lang: Lang) -> Forms {
    let mut found: Forms = BTreeMap::new();
    let mut add = |text: &str, iso3: &str, name: bool| {
        let iso3 = if text == "Congo" { CONGO } else { iso3 };
        let first = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if !first.is_empty() {
            let form = Form { text: text.to_owned(), iso3: iso3.to_owned(), name };
            found.entry(first.to_owned()).or_default().push(form);
        }
    };
    for country in wegen_model::countries().all() {
        let name = country.name(lang);
        add(name, country.iso3.as_str(), true);
        if name.contains(" & ") {
            add(&name.replace(" & ", " and "), country.iso3.as_str(), true);
        }
        if name.contains("St. ") {
            add(&name.replace("St. ", "Saint ").replace(" & ", " and "), country.iso3.as_str(), true);
        }
        if name.contains('’') {
            add(&name.replace('’', "'"), country.iso3.as_str(), true);
        }
    }
    let lines = include_str!("country_forms.tsv").lines().filter(|l| !l.starts_with('#')).skip(1);
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let [iso3, english, dutch, english_adjectives, dutch_adjectives] = fields[..] else { continue };
        let (names, adjectives) = match lang {
            Lang::En => (english, english_adjectives),
            Lang::Nl => (dutch, dutch_adjectives),
        };
        names.split('|').for_each(|n| add(n, iso3, true));
        for adjective in adjectives.split('|').filter(|a| !a.is_empty()) {
            endings(adjective, lang).iter().for_each(|a| add(a, iso3, false));
        }
    }
    add("Congo", CONGO, true);
    let congolese = if lang == Lang::En { "Congolese" } else { "Congolees" };
    endings(congolese, lang).iter().for_each(|a| add(a, CONGO, false));
    for forms in found.values_mut() {
        forms.sort_by_key(|f| std::cmp::Reverse(f.text.len()));
    }
    found
}

/// An adjective, or the name of an inhabitant, in its forms.
fn endings(word: &str, lang: Lang) -> Vec<String> {
    let mut all = vec![word.to_owned(), format!("{word}s")];
    if lang == Lang::Nl {
        all.extend(["e", "en", "n", "er"].map(|ending| format!("{word}{ending}")));
        // `Soedanees`, `Soedanese`; `Marokkaan`, `Marokkanen`.
        if let Some(stem) = word.strip_suffix("ees") {
            all.push(format!("{stem}ese"));
        }
        let letters: Vec<char> = word.chars().collect();
        if let [.., a, b, c] = letters[..]
            && a == b
        {
            let stem: String = letters[..letters.len() - 2].iter().collect();
            all.push(format!("{stem}{c}en"));
        }
    }
    all
}

/// Whether a word is a short form of a country in either language: `US`, `VK`, `DRC`.
pub(super) fn is_form(word: &str) -> bool {
    [&*DUTCH, &*ENGLISH].iter().any(|f| f.get(word).is_some_and(|f| f.iter().any(|f| f.text == word)))
}

#[derive(Default)]
struct Found {
    names: BTreeSet<String>,
    adjectives: BTreeSet<String>,
}

fn find(words: &str, lang: Lang) -> Found {
    let forms = if lang == Lang::Nl { &*DUTCH } else { &*ENGLISH };
    let mut found = Found::default();
    let (mut end, mut before) = (0, ' ');
    for (i, c) in words.char_indices() {
        let begins = c.is_uppercase() && !before.is_alphanumeric() && i >= end;
        before = c;
        if !begins {
            continue;
        }
        let rest = &words[i..];
        let first = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        // `Syriës leger` is the army of Syria.
        let stem = first.strip_suffix('s').filter(|_| lang == Lang::Nl);
        let of = |word: &str| forms.get(word).into_iter().flatten();
        let form = of(first).chain(stem.into_iter().flat_map(of)).find(|form| {
            rest.strip_prefix(form.text.as_str()).is_some_and(|behind| {
                let behind =
                    behind.strip_prefix('s').filter(|_| form.name && lang == Lang::Nl).unwrap_or(behind);
                !behind.starts_with(char::is_alphanumeric)
            })
        });
        if let Some(form) = form {
            end = i + form.text.len();
            let into = if form.name { &mut found.names } else { &mut found.adjectives };
            into.insert(form.iso3.clone());
        }
    }
    found
}

/// Countries that stand in one of two texts alone: by their names, where the other has neither name nor adjective;
/// by their adjectives, where each has one that the other has not.
pub(super) fn differ(dutch: &str, english: &str) -> (Vec<String>, Vec<String>) {
    let (nl, en) = (find(dutch, Lang::Nl), find(english, Lang::En));
    let same =
        |a: &str, b: &str| a == b || a == CONGO && CONGO.contains(b) || b == CONGO && CONGO.contains(a);
    let told =
        |iso3: &String, other: &Found| other.names.iter().chain(&other.adjectives).any(|o| same(iso3, o));
    let alone = |list: &BTreeSet<String>, other: &Found| -> Vec<String> {
        list.iter().filter(|iso3| !told(iso3, other)).cloned().collect()
    };
    let (mut a, mut b) = (alone(&nl.names, &en), alone(&en.names, &nl));
    let (x, y) = (alone(&nl.adjectives, &en), alone(&en.adjectives, &nl));
    if (!x.is_empty() || !a.is_empty()) && (!y.is_empty() || !b.is_empty()) {
        a.extend(x);
        b.extend(y);
    }
    (a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_translations_name_the_same_countries() {
        for (nl, en) in [
            ("Vluchtelingen uit Syrië kwamen aan.", "Syrian refugees arrived."),
            ("Turkije nam hen op.", "Turkey received them."),
            ("Turkije nam hen op.", "Türkiye received them."),
            ("De Verenigde Staten stopten.", "The US stopped."),
            ("De Amerikaanse hulp stopte.", "Aid of the United States stopped."),
            ("Het Verenigd Koninkrijk en het VK", "The UK and Britain"),
            ("In Equatoriaal-Guinea en Guinee-Bissau", "In Equatorial Guinea and Guinea-Bissau"),
            ("In Congo werd geschoten.", "There was shooting in the DRC."),
            ("De Congolese regering", "The government of the Democratic Republic of the Congo"),
            ("De Soedanese regering sprak.", "The government of Sudan spoke."),
            ("In Zuid-Soedan", "In South Sudan"),
            ("Zuid-Syrië en Syriës buren", "Southern Syria and its neighbours"),
            ("Marokkanen en Libanezen", "People from Morocco and Lebanon"),
            ("de Nederlandse overheid", "the government"),
            ("het kabinet", "the Dutch government"),
            ("in Ivoorkust en Kaapverdië", "in Côte d’Ivoire and Cabo Verde"),
            ("in Myanmar", "in Burma"),
        ] {
            assert_eq!(differ(nl, en), (vec![], vec![]), "{nl} / {en}");
        }
    }

    #[test]
    fn another_country_is_found() {
        for (nl, en) in [
            ("in Soedan", "in South Sudan"),
            ("in Niger", "in Nigeria"),
            ("Nigeriaanse soldaten", "Nigerien soldiers"),
            ("in Syrië", "in the country"),
            ("in Turkije", "in Iraq"),
            ("in Guinee", "in Equatorial Guinea"),
            ("in Congo-Brazzaville", "in the DRC"),
            ("Syrische vluchtelingen", "refugees from Iraq"),
        ] {
            assert_ne!(differ(nl, en), (vec![], vec![]), "{nl} / {en}");
        }
    }

    #[test]
    fn every_line_is_read() {
        let all = wegen_model::countries();
        for line in include_str!("country_forms.tsv").lines().filter(|l| !l.starts_with('#')).skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields.len(), 5, "{line}");
            assert!(all.by_iso3(fields[0]).is_some(), "{line}");
        }
        // Forms of one language do not lead two ways.
        for forms in [&*DUTCH, &*ENGLISH] {
            for form in forms.values().flatten() {
                let others = forms.values().flatten().filter(|f| f.text == form.text && f.iso3 != form.iso3);
                assert_eq!(
                    others.map(|f| &f.iso3).collect::<Vec<_>>(),
                    Vec::<&String>::new(),
                    "{}",
                    form.text
                );
            }
        }
    }
}
