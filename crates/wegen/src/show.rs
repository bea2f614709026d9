//! Output: bars on a terminal, plain lines elsewhere; tables for people, JSON for programs.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// Progress of long work: a bar on a terminal, a line now and then elsewhere, nothing where it is unwanted.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    plain: bool,
}

impl Progress {
    pub(crate) fn new(quiet: bool, total: u64, what: &str) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        if quiet {
            return Progress { bar: None, plain: false };
        }
        if !terminal {
            eprintln!("{what}");
            return Progress { bar: None, plain: true };
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(total).with_style(style).with_message(what.to_owned());
        Progress { bar: Some(bar), plain: false }
    }

    pub(crate) fn at(&self, done: u64, total: Option<u64>) {
        if let Some(bar) = &self.bar {
            bar.set_length(total.unwrap_or(done.max(1)));
            bar.set_position(done);
        }
    }

    /// A line that stays.
    pub(crate) fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None if self.plain => eprintln!("{text}"),
            None => {}
        }
    }

    pub(crate) fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Prints a line; a reader that has gone away (`| head`) ends the program quietly.
pub(crate) fn line(text: impl AsRef<str>) {
    print(format!("{}\n", text.as_ref()).as_bytes());
}

/// Prints bytes as they are; else as `line` does.
pub(crate) fn print(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(bytes).and_then(|()| out.flush()) {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        eprintln!("error: standard output: {error}");
        std::process::exit(1);
    }
}

/// Prints rows in columns; the columns named in `right` stand right.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>], right: &[usize]) {
    let width = |i: usize| {
        rows.iter()
            .filter_map(|r| r.get(i))
            .map(|c| c.chars().count())
            .chain([head[i].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let print = |cells: &[String]| {
        let padded: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(i, cell)| {
                let blanks = " ".repeat(widths[i].saturating_sub(cell.chars().count()));
                if right.contains(&i) { format!("{blanks}{cell}") } else { format!("{cell}{blanks}") }
            })
            .collect();
        line(padded.join("  ").trim_end());
    };
    print(&head.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>());
    for row in rows {
        print(row);
    }
}
