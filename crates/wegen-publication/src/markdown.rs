//! Markdown with marks, as a tree of blocks. No raw HTML: a template writes text.

use comrak::{
    Arena, Options,
    arena_tree::NodeEdge,
    nodes::{AstNode, ListType, NodeValue},
    parse_document,
};

use crate::{
    document::{Block, Inline, plain},
    template::{CLOSE, OPEN},
};

/// What a mark becomes: text within a paragraph, or a block of its own.
pub(crate) trait Marks {
    /// The inline form of call `index`; `None` where it is a block.
    fn inline(&mut self, index: usize) -> Option<Inline>;
    /// The block form of call `index`; `None` where it is inline.
    fn block(&mut self, index: usize) -> Option<Block>;
    /// The number that call `index` gives its heading.
    fn section(&self, _index: usize) -> Option<&str> {
        None
    }
    /// A paragraph of these inlines.
    fn paragraph(&mut self, c: Vec<Inline>) -> Block {
        Block::paragraph(c)
    }
}

/// Quotations, lists, emphasis and pictures in each other go no deeper than this; a list counts twice.
const DEEPEST: usize = 64;

/// Where `text` is nested deeper than the reader follows: the line, from 1, and what was found.
///
/// The parser keeps a list of what is open; what reads its tree, and both writers, call themselves for each level.
pub(crate) fn too_deep(text: &str) -> Option<(usize, String)> {
    let arena = Arena::new();
    let root = parse_document(&arena, text, &Options::default());
    let mut depth = 0usize;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => {
                depth += 1;
                if depth > DEEPEST {
                    let line = node.data.borrow().sourcepos.start.line;
                    let found = "found quotations, lists or emphasis in each other more than";
                    return Some((line, format!("{found} {DEEPEST} levels deep, expected fewer")));
                }
            }
            NodeEdge::End(_) => depth -= 1,
        }
    }
    None
}

/// Reads `text`; headings of levels 1 and 2 are numbered.
pub(crate) fn read(text: &str, marks: &mut dyn Marks) -> Vec<Block> {
    let arena = Arena::new();
    let root = parse_document(&arena, text, &Options::default());
    let mut reader = Reader { marks, numbers: [0; 3] };
    reader.blocks(root)
}

struct Reader<'m> {
    marks: &'m mut dyn Marks,
    numbers: [usize; 3],
}

impl Reader<'_> {
    fn blocks<'a>(&mut self, parent: &'a AstNode<'a>) -> Vec<Block> {
        let mut found: Vec<Block> = Vec::new();
        for node in parent.children() {
            let value = node.data.borrow().value.clone();
            match value {
                NodeValue::Heading(heading) => {
                    let c = self.inlines(node);
                    let level = heading.level.clamp(1, 3);
                    let at = usize::from(level) - 1;
                    self.numbers[at] += 1;
                    self.numbers[at + 1..].fill(0);
                    let given = marks_in(&paragraph_text(node))
                        .find_map(|i| self.marks.section(i).map(str::to_owned));
                    let number = given.unwrap_or_else(|| {
                        self.numbers[..=at].iter().map(usize::to_string).collect::<Vec<_>>().join(".")
                    });
                    let c = trim_end(c);
                    found.push(Block::Heading {
                        level,
                        id: format!("s{}", number.replace('.', "-")),
                        number,
                        c,
                    });
                }
                NodeValue::Paragraph => {
                    let text = paragraph_text(node);
                    match only_marks(&text) {
                        Some(indexes) => {
                            for index in indexes {
                                self.mark_block(index, &mut found);
                            }
                        }
                        None => {
                            let c = self.inlines(node);
                            found.push(self.marks.paragraph(c));
                        }
                    }
                }
                NodeValue::List(list) => {
                    let items = node.children().map(|item| self.blocks(item)).collect();
                    found.push(Block::List { ordered: list.list_type == ListType::Ordered, items });
                }
                NodeValue::BlockQuote => found.push(Block::Notice { c: self.blocks(node) }),
                NodeValue::ThematicBreak => {}
                _ => {
                    let c = self.inlines(node);
                    if !plain(&c).trim().is_empty() {
                        found.push(Block::paragraph(c));
                    }
                }
            }
        }
        found
    }

    /// A mark that stands alone; neighbouring cards join into one grid.
    fn mark_block(&mut self, index: usize, found: &mut Vec<Block>) {
        match self.marks.block(index) {
            Some(Block::Cards { cards: new }) => match found.last_mut() {
                Some(Block::Cards { cards }) => cards.extend(new),
                _ => found.push(Block::Cards { cards: new }),
            },
            Some(block) => found.push(block),
            None => found.extend(self.marks.inline(index).map(|i| Block::paragraph(vec![i]))),
        }
    }

    fn inlines<'a>(&mut self, parent: &'a AstNode<'a>) -> Vec<Inline> {
        let mut found = Vec::new();
        for node in parent.children() {
            let value = node.data.borrow().value.clone();
            match value {
                NodeValue::Text(text) => self.text(&text, &mut found),
                NodeValue::SoftBreak | NodeValue::LineBreak => found.push(Inline::Text { v: " ".into() }),
                NodeValue::Code(code) => found.push(Inline::Code { v: code.literal }),
                NodeValue::Emph => found.push(Inline::Emph { c: self.inlines(node) }),
                NodeValue::Strong => found.push(Inline::Strong { c: self.inlines(node) }),
                NodeValue::Link(link) => {
                    found.push(Inline::Link { href: link.url.clone(), c: self.inlines(node) })
                }
                _ => found.extend(self.inlines(node)),
            }
        }
        found
    }

    fn text(&mut self, text: &str, found: &mut Vec<Inline>) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPEN) {
            if !before.is_empty() {
                found.push(Inline::Text { v: before.to_owned() });
            }
            let Some((number, behind)) = after.split_once(CLOSE) else { break };
            found.extend(number.parse().ok().and_then(|index| self.marks.inline(index)));
            rest = behind;
        }
        if !rest.is_empty() {
            found.push(Inline::Text { v: rest.to_owned() });
        }
    }
}

fn paragraph_text<'a>(node: &'a AstNode<'a>) -> String {
    node.descendants()
        .filter_map(|n| match &n.data.borrow().value {
            NodeValue::Text(text) => Some(text.to_string()),
            NodeValue::SoftBreak | NodeValue::LineBreak => Some(" ".to_owned()),
            NodeValue::Code(_) => Some("`".to_owned()),
            _ => None,
        })
        .collect()
}

/// The indexes of the marks in a text.
fn marks_in(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.split(OPEN).skip(1).filter_map(|t| t.split_once(CLOSE)?.0.parse().ok())
}

/// Without the blank before a mark that shows nothing.
fn trim_end(mut inlines: Vec<Inline>) -> Vec<Inline> {
    if let Some(Inline::Text { v }) = inlines.last_mut() {
        v.truncate(v.trim_end().len());
    }
    inlines
}

/// The indexes of a paragraph that holds marks and nothing else.
fn only_marks(text: &str) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (number, behind) = rest.strip_prefix(OPEN)?.split_once(CLOSE)?;
        found.push(number.parse().ok()?);
        rest = behind.trim_start();
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbers;

    impl Marks for Numbers {
        fn inline(&mut self, index: usize) -> Option<Inline> {
            (index < 5).then(|| Inline::Code { v: index.to_string() })
        }
        fn block(&mut self, index: usize) -> Option<Block> {
            (index >= 5).then(|| Block::Sources { entries: vec![] })
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_found_before_it_is_read() {
        for text in [
            "> ".repeat(20_000),
            format!("Fine.\n\n{}x", "> - ".repeat(100)),
            "*a **a ".repeat(500) + &"b** b* ".repeat(500),
            "![".repeat(500) + &"](a)".repeat(500),
        ] {
            assert!(too_deep(&text).is_some());
        }
        let list: String = (0..20).map(|i| format!("{}- a\n", "  ".repeat(i))).collect();
        for text in [list.as_str(), "", "> > > - *a **b** c*", &"- ".repeat(20_000), &"[".repeat(20_000)] {
            assert_eq!(too_deep(text), None);
        }
    }

    #[test]
    fn marks_become_figures_and_blocks() {
        let text = format!(
            "# Title\n\nIn all {OPEN}2{CLOSE} people.\n\n{OPEN}7{CLOSE}\n\n## Part\n\n> **Note** <b>x</b>\n"
        );
        let blocks = read(&text, &mut Numbers);
        assert!(matches!(&blocks[0], Block::Heading { number, .. } if number == "1"));
        assert!(matches!(&blocks[1], Block::Paragraph { c, .. } if plain(c) == "In all 2 people."));
        assert!(matches!(&blocks[2], Block::Sources { .. }));
        assert!(matches!(&blocks[3], Block::Heading { number, .. } if number == "1.1"));
        assert!(matches!(&blocks[4], Block::Notice { .. }));
    }
}
