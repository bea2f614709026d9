//! Changes that cannot do harm: labels that a warning asks for, official forms of citations.

use std::collections::BTreeMap;

use super::{Manuscript, lint::Finding};

/// Files after their fixes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fixed {
    /// The files that changed.
    pub files: BTreeMap<String, String>,
    /// How many changes were made.
    pub changes: usize,
}

/// Applies every fix of the findings, from the end of each file to its beginning.
pub fn fix(manuscript: &Manuscript, findings: &[Finding]) -> Fixed {
    let mut edits: Vec<_> = findings.iter().flat_map(|f| f.fix.clone()).collect();
    edits.sort_by(|a, b| (&a.file, b.span).cmp(&(&b.file, a.span)));
    edits.dedup();
    let mut fixed = Fixed::default();
    for edit in edits {
        let Some(text) = manuscript.files.get(&edit.file) else { continue };
        let text = fixed.files.entry(edit.file).or_insert_with(|| text.clone());
        let (from, to) = edit.span;
        if from <= to && text.is_char_boundary(from) && text.is_char_boundary(to) && to <= text.len() {
            text.replace_range(from..to, &edit.with);
            fixed.changes += 1;
        }
    }
    fixed
}
