//! Text as readers see it: without marks of Markdown within words, comments and tags, with entities as characters.
//!
//! `s**a**fe`, `sa<!-- -->fe` and `s&#97;fe` are all read as `safe`.

/// Text as it is read, and where it stands in the text as it is written.
pub(super) struct Readable {
    /// As it is read.
    pub(super) text: String,
    /// From these bytes on, what is read stands in the written text at these.
    places: Vec<(usize, usize)>,
}

impl Readable {
    pub(super) fn of(written: &str) -> Readable {
        let mut read = Readable { text: String::with_capacity(written.len()), places: vec![(0, 0)] };
        let mut at = 0;
        // The address of a link is no text; its words are.
        let mut links: Vec<(usize, usize)> = Vec::new();
        while let Some(c) = written[at..].chars().next() {
            let rest = &written[at..];
            let next = at + c.len_utf8();
            if let Some(i) = links.iter().position(|l| l.0 == at) {
                at = links.remove(i).1;
                read.places.push((read.text.len(), at));
                continue;
            }
            let skipped = match c {
                '<' => tag(rest),
                '*' | '_' | '`' | '\u{e003}' | '\u{7f}' => mark(&read.text, rest),
                '[' if !rest.starts_with("[^") => match link(rest) {
                    Some((close, length)) => {
                        links.push((at + close, at + close + length));
                        Some(1)
                    }
                    None => None,
                },
                _ => None,
            };
            if let Some(length) = skipped {
                at += length;
                read.places.push((read.text.len(), at));
                continue;
            }
            let escaped =
                rest[c.len_utf8()..].chars().next().filter(|n| c == '\\' && n.is_ascii_punctuation());
            let decoded = if c == '&' { entity(rest) } else { escaped.map(|n| (n.to_string(), 2)) };
            match decoded {
                Some((text, length)) => {
                    read.places.push((read.text.len(), at));
                    read.text.push_str(&text);
                    at += length;
                    read.places.push((read.text.len(), at));
                }
                None => {
                    read.text.push(c);
                    at = next;
                }
            }
        }
        read
    }

    /// Where a byte of what is read stands in what is written.
    pub(super) fn place(&self, at: usize) -> usize {
        let (read, written) = self.places[self.places.partition_point(|p| p.0 <= at).max(1) - 1];
        written + (at - read)
    }
}

/// The length of a comment, or of a tag of HTML.
fn tag(text: &str) -> Option<usize> {
    if text.starts_with("<!--") {
        return text.find("-->").map(|i| i + 3);
    }
    let begins = text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let end =
        text.char_indices().skip(1).find(|(_, c)| matches!(c, '>' | '<' | '\n')).filter(|e| e.1 == '>')?.0;
    // An address in angle brackets is text.
    (begins && !text[..end].contains("://") && !text[..end].contains('@')).then_some(end + 1)
}

/// The length of marks within a word: of emphasis or code, or of a condition.
fn mark(before: &str, text: &str) -> Option<usize> {
    let first = text.chars().next().filter(|_| before.ends_with(char::is_alphanumeric))?;
    let masks = |c: char| c == '\u{e003}' || c == '\u{7f}';
    let length: usize =
        text.chars().take_while(|c| *c == first || masks(first) && masks(*c)).map(char::len_utf8).sum();
    let masked = masks(first) && text.starts_with('\u{e003}');
    let known = matches!(first, '*' | '`') || masked;
    let within = text[length..].starts_with(char::is_alphanumeric);
    (known && within).then_some(length)
}

/// Where the words of a link end, and how long the rest of it is.
fn link(text: &str) -> Option<(usize, usize)> {
    let line = text.split('\n').next()?;
    let close = line[1..].find([']', '[']).map(|i| i + 1).filter(|i| line[*i..].starts_with("]("))?;
    let end = line[close..].find(')')?;
    Some((close, end + 1))
}

/// An entity, and how long it is as written.
fn entity(text: &str) -> Option<(String, usize)> {
    let end = text.char_indices().take(34).find(|(_, c)| *c == ';')?.0;
    let name = &text[1..end];
    let known = name.starts_with('#') || name.chars().all(|c| c.is_ascii_alphanumeric());
    if name.is_empty() || !known {
        return None;
    }
    let number = name.strip_prefix('#').map(|n| match n.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => n.parse(),
    });
    let decoded = match number {
        Some(code) => code.ok().and_then(char::from_u32).map(String::from)?,
        None => {
            let arena = comrak::Arena::new();
            let root = comrak::parse_document(&arena, &text[..=end], &comrak::Options::default());
            root.descendants().find_map(|n| match &n.data.borrow().value {
                comrak::nodes::NodeValue::Text(t) => Some(t.to_string()),
                _ => None,
            })?
        }
    };
    (decoded != text[..=end]).then_some((decoded, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_whole() {
        for text in [
            "It is s**a**fe.",
            "It is s*a*fe.",
            "It is sa<!-- x -->fe.",
            "It is s&#97;fe.",
            "It is s&#x61;fe.",
            "It is s<b>a</b>fe.",
            "It is s[a](https://x.org/1)fe.",
            "It is s`a`fe.",
            "It is sa\u{e003}\u{e003}\u{7f}fe.",
        ] {
            let read = Readable::of(text);
            assert_eq!(read.text, "It is safe.", "{text}");
            assert_eq!(read.place(read.text.find("sa").unwrap()), 6, "{text}");
            assert_eq!(&text[read.place(10)..], ".", "{text}");
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in [
            "A **word**, *another*, `code` and [^s1] [3] a < b > c & d; 3 * 4",
            "<https://x.org/a> snake_case_word \u{e002}\u{e002} \u{e003}x",
            "",
            "&",
            "&nosuch;",
            "[",
            "<",
            "<!--",
        ] {
            assert_eq!(Readable::of(text).text, text);
        }
        assert_eq!(Readable::of("caf&eacute; \\* &amp;").text, "café * &");
    }
}
