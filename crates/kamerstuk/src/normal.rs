//! A stretch of text with one kind of dash and one kind of blank, and the way back to its bytes.

/// Normalised text with, for each of its bytes and its end, the byte of the original.
pub(crate) struct Normal {
    pub(crate) text: String,
    map: Vec<usize>,
}

impl Normal {
    /// Normalises `text[from..to]`; the bounds are moved inwards to characters.
    pub(crate) fn of(text: &str, from: usize, to: usize) -> Normal {
        let from = (from..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
        let to = (0..=to.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(from).max(from);
        let mut normal =
            Normal { text: String::with_capacity(to - from), map: Vec::with_capacity(to - from + 1) };
        let mut blank = false;
        for (i, c) in text[from..to].char_indices() {
            let c = match c {
                '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => continue,
                '\u{2010}'..='\u{2015}'
                | '\u{2212}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{2e3a}'
                | '\u{2e3b}' => '-',
                c if c.is_whitespace() => ' ',
                c => c,
            };
            if c == ' ' && blank {
                continue;
            }
            blank = c == ' ';
            normal.text.push(c);
            normal.map.resize(normal.text.len(), from + i);
        }
        normal.map.push(to);
        normal
    }

    /// The byte of the original where byte `at` of the normalised text stands.
    pub(crate) fn original(&self, at: usize) -> usize {
        self.map.get(at).or(self.map.last()).copied().unwrap_or(0)
    }

    /// The end, in the original, of the character that ends before `at`.
    pub(crate) fn original_end(&self, text: &str, at: usize) -> usize {
        match at.checked_sub(1) {
            None => self.original(0),
            Some(last) => {
                let start = self.original(last);
                start + text[start..].chars().next().map_or(0, char::len_utf8)
            }
        }
    }
}
