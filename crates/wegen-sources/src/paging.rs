//! Pages of an answer: one that says it is one of several is refused without the others.
//!
//! | publisher | what a page says |
//! |---|---|
//! | UNHCR | `page`, `maxPages` |
//! | UCDP | `TotalPages`, `TotalCount`, rows in `Result` |
//! | World Bank | `page`, `pages`, `total` in its first element |
//! | others | `page` with `total_pages`, `totalPages`, `pages` or `maxPages`; `next` that is an address |

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    File, SourceError,
    items::{Outline, outline},
    table::{is_json, text_of},
};

/// What a page says of itself.
struct Page<'f> {
    file: &'f str,
    number: Option<u64>,
    pages: u64,
    /// Rows on all pages, and on this one.
    rows: Option<(u64, u64)>,
    /// Whether it names a next page.
    next: bool,
}

/// Refuses files that say they are pages of an answer of which others are missing.
///
/// # Errors
/// The file, its number, and which pages are missing.
pub(crate) fn whole(files: &[File]) -> Result<(), SourceError> {
    let mut pages = Vec::new();
    for file in files.iter().filter(|f| is_json(f)) {
        // What is no JSON at all is refused by the parser, in its words.
        if let Ok(outline) = outline(file) {
            pages.extend(page(&file.name, &outline));
        }
    }
    // Answers to several questions may lie side by side; they are told by how many pages and rows they have.
    let mut answers: BTreeMap<(u64, Option<u64>), Vec<&Page<'_>>> = BTreeMap::new();
    for page in &pages {
        answers.entry((page.pages, page.rows.map(|r| r.0))).or_default().push(page);
    }
    for ((count, total), pages) in answers {
        let numbers: BTreeSet<u64> = pages.iter().filter_map(|p| p.number).collect();
        let held = if numbers.is_empty() { pages.len() as u64 } else { numbers.len() as u64 };
        let rows: u64 = pages.iter().filter_map(|p| p.rows).map(|r| r.1).sum();
        let more = count == 0 && pages.iter().any(|p| p.next);
        if held >= count && total.is_none_or(|total| rows >= total) && !more {
            continue;
        }
        let of = if count > 0 { format!(" of {count}") } else { String::new() };
        let found = match numbers.len() {
            0 => format!("{held} page{}{of}", if held == 1 { "" } else { "s" }),
            1 => format!("page {}{of}", numbers.iter().map(u64::to_string).collect::<String>()),
            _ => format!("{} pages{of}", numbers.len()),
        };
        let expected = "all pages of the answer in one import: `wegen import PAGE-1 PAGE-2 …`";
        return Err(SourceError::malformed(pages[0].file, "the page", found, expected));
    }
    Ok(())
}

fn page<'f>(file: &'f str, outline: &Outline) -> Option<Page<'f>> {
    let document = &outline.value;
    let number = |pointer: &str| text_of(document.pointer(pointer)).parse::<u64>().ok();
    let first = |pointers: &[&str]| pointers.iter().find_map(|p| number(p));
    let rows = |pointer: &str| outline.lengths.get(pointer).copied();
    if document.is_array() {
        let pages = number("/0/pages")?;
        let rows = number("/0/total").zip(rows("/1"));
        return (pages > 1).then(|| Page { file, number: number("/0/page"), pages, rows, next: false });
    }
    if let Some(pages) = number("/TotalPages") {
        let rows = number("/TotalCount").zip(rows("/Result"));
        return (pages > 1).then_some(Page { file, number: None, pages, rows, next: false });
    }
    let next = ["/next", "/links/next", "/nextPage", "/@odata.nextLink", "/odata.nextLink"]
        .iter()
        .any(|p| document.pointer(p).and_then(Value::as_str).is_some_and(|t| !t.is_empty()));
    let pages =
        first(&["/maxPages", "/total_pages", "/totalPages", "/pages", "/meta/total_pages"]).unwrap_or(0);
    let page = first(&["/page", "/currentPage", "/meta/page"]);
    (pages > 1 || next).then_some(Page { file, number: page, pages, rows: None, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pages: &[&str]) -> Option<String> {
        let files: Vec<File> =
            pages.iter().enumerate().map(|(i, text)| File::new(format!("p{}.json", i + 1), *text)).collect();
        whole(&files).err().map(|e| e.to_string())
    }

    #[test]
    fn a_page_without_the_others_is_refused_for_each_publisher() {
        for (page, found) in [
            (r#"{"page": 1, "maxPages": 31, "items": []}"#, "page 1 of 31"),
            (r#"{"TotalCount": 5, "TotalPages": 3, "NextPageUrl": "x", "Result": [{}, {}]}"#, "1 page of 3"),
            (r#"[{"page": 2, "pages": 4, "total": 200}, [{}]]"#, "page 2 of 4"),
            (r#"{"page": "1", "totalPages": "2", "result": []}"#, "page 1 of 2"),
            (r#"{"value": [], "odata.nextLink": "https://example.org/?skip=10"}"#, "1 page"),
        ] {
            let error = refused(&[page]).unwrap();
            assert!(error.contains(found) && error.contains("p1.json"), "{error}");
        }
        assert_eq!(refused(&[r#"{"page": 1, "maxPages": 1, "items": []}"#, "[]", "no JSON"]), None);
    }

    #[test]
    fn all_pages_together_are_whole() {
        let page = |n: u32| format!(r#"{{"page": {n}, "maxPages": 3, "items": []}}"#);
        let (one, two, three) = (page(1), page(2), page(3));
        assert_eq!(refused(&[&one, &two, &three]), None);
        assert!(refused(&[&one, &two, &two]).unwrap().contains("2 pages of 3"));
        let events = |rows: &str| format!(r#"{{"TotalCount": 3, "TotalPages": 2, "Result": [{rows}]}}"#);
        assert_eq!(refused(&[&events("{}, {}"), &events("{}")]), None);
        assert!(refused(&[&events("{}"), &events("{}")]).is_some(), "a row is missing");
    }
}
