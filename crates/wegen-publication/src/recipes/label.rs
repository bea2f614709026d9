//! What a figure is called: its recipe's words with every parameter that was given, and the period it covers.
//!
//! Words of the recipe (`recipe-NAME`, or `recipe-NAME-WORD` for a kind, a setting or a type) say who and where; the
//! period follows them; what narrows the figure further stands in brackets.

use wegen_model::{Code, Lang, Period, countries, indicators};

use super::{Known, Recipe};
use crate::figure::FigureId;

/// Parameters whose value is a word of the recipe's own name.
const WORDS: [&str; 3] = ["kind", "setting", "type"];

/// The label of a figure that covers `period`, from its first to its last year, month or day, of which `known` is covered
/// where that is not all.
pub(super) fn label(
    recipe: &Recipe,
    id: &FigureId,
    period: Option<(Period, Period)>,
    known: Option<Known>,
    lang: Lang,
) -> String {
    let given = |name: &str| id.params.get(name).map(String::as_str);
    let place = |name: &str| {
        let of = |text: &str| {
            Code::new(text).map_or_else(|_| text.to_owned(), |c| countries().name_in_text(c, lang))
        };
        given(name).map(of).unwrap_or_default()
    };
    let (origin, host, country) = (place("origin"), place("host"), place("country"));
    let phrase = |message: &str, place: &str| match place.is_empty() {
        true => String::new(),
        false => lang.text_with(message, &[("place", place)]),
    };
    let indicator = given("indicator")
        .and_then(|i| indicators().get(i))
        .map_or(String::new(), |i| i.def().label(lang).to_owned());
    let args = [
        ("origin", &*origin),
        ("country", &*country),
        ("indicator", &*indicator),
        ("where", &*phrase("label-where", &host)),
        ("back", &*phrase("label-back", &host)),
        ("of", &*phrase("label-of", &origin)),
        ("involving", &*phrase("label-involving", &origin)),
    ];
    let word = WORDS.iter().find_map(|name| given(name));
    let message = word
        .map(|word| format!("recipe-{}-{word}", recipe.name))
        .filter(|message| lang.has(message))
        .unwrap_or_else(|| format!("recipe-{}", recipe.name));
    let mut label = lang.text_with(&message, &args);
    if let Some((first, last)) = period {
        label.push_str(", ");
        label.push_str(&words(first, last, lang));
    }
    let mut narrowed = narrowed(recipe, id, &country, lang);
    narrowed.extend(known.map(|known| match known {
        Known::Months(span) => lang.text_with("label-covered", &[("period", &span.text(lang))]),
        Known::Rows => lang.text("label-covered-rows"),
    }));
    if !narrowed.is_empty() {
        label.push_str(&format!(" ({})", narrowed.join("; ")));
    }
    label
}

/// A period in words: `2024`, `2015–2024`, `December 2019`.
fn words(first: Period, last: Period, lang: Lang) -> String {
    match first == last {
        true => lang.period(first),
        false => format!("{}–{}", lang.period(first), lang.period(last)),
    }
}

/// What narrows a figure beyond the words of its recipe.
fn narrowed(recipe: &Recipe, id: &FigureId, country: &str, lang: Lang) -> Vec<String> {
    let knows = |name: &str| recipe.params.iter().any(|(known, _)| *known == name);
    let mut parts = Vec::new();
    // On routes the country is that of the incident; elsewhere the recipe's own words name it.
    if !country.is_empty() && knows("capture") {
        parts.push(lang.text_with("label-incident-in", &[("place", country)]));
    }
    if knows("level") {
        let level = id.params.get("level").map_or("1", String::as_str);
        parts.push(lang.text_with("label-level", &[("level", level)]));
    }
    for name in ["capture", "below", "top", "by", "scenario"] {
        let Some(value) = id.params.get(name) else { continue };
        // A word of its own where the value has one: all by name.
        let own = format!("label-{name}-{value}");
        parts.push(match lang.has(&own) {
            true => lang.text(&own),
            false => lang.text_with(&format!("label-{name}"), &[(name, value)]),
        });
    }
    parts
}
