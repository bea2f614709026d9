//! The literate template: Markdown with calls, rendered until every figure it asks for is there.
//!
//! Calls write a mark into the Markdown, and the mark becomes the figure when the tree is built: what a
//! template's author writes can be copied, translated and moved without ever holding a number.
//!
//! | call | what it becomes |
//! |---|---|
//! | `{{ figure("refugees", origin=iso, year=2024) }}` | the value, with its lineage |
//! | `{{ bounds("deaths", country=iso, year=2024) }}` | the publisher's low and high estimate |
//! | `{{ number("idps", origin=iso, year=2024) }}` | the bare value, for `{% if %}` alone; `none` where missing |
//! | `{{ carried("idps", origin=iso, year=2024) }}` | whether the publisher carried the value over from the year before, for `{% if %}` alone |
//! | `{{ table("returns", title="…", origin=iso) }}` | a table |
//! | `{{ chart("returns", title="…", draw="stacked", origin=iso) }}` | a drawing with its table |
//! | `{{ map("refugees-by-host", title="…", origin=iso) }}` | a map |
//! | `{{ card("…", "…", "refugees", origin=iso) }}` | a key figure; several in a row make a grid |
//! | `{{ cite("unhcr-population") }}` | a numbered citation |
//! | `{{ sources() }}`, `{{ gaps() }}` | the sources, and what is not known |
//! | `{{ questions() }}`, `{{ conditions() }}` | the terms of reference, and conditions with their thresholds |
//! | `{{ assessment() }}`, `{{ changes() }}` | how sources were weighed, and reviews, corrections and what supersedes what |
//! | `{{ assumptions("SCENARIO") }}` | what a simulated scenario assumes, and what its run was; with `instance=true` what the country’s network, people and counts assume |
//! | `{{ statement("s1") }}` | the end of a statement; a manuscript's `[^s1]` becomes this |

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
};

use minijinja::{Environment, Error, ErrorKind, Value as Jinja, value::Kwargs};

use crate::{
    figure::{Figure, FigureId, Value},
    manuscript::SourceList,
    recipes::mapped,
};

/// A call that was made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Call {
    Figure(FigureId),
    Bounds(FigureId),
    Table { id: FigureId, title: String, subtitle: String },
    Chart { id: FigureId, title: String, subtitle: String, draw: String, table: bool },
    Map { id: FigureId, title: String, subtitle: String },
    Card { label: String, sub: String, id: FigureId },
    Cite(String),
    Statement(String),
    Section(String),
    Assumptions { scenario: String, instance: bool },
    Sources,
    Gaps,
    Questions,
    Conditions,
    Assessment,
    Changes,
}

/// Calls without arguments.
const PLAIN: [(&str, Call); 6] = [
    ("sources", Call::Sources),
    ("gaps", Call::Gaps),
    ("questions", Call::Questions),
    ("conditions", Call::Conditions),
    ("assessment", Call::Assessment),
    ("changes", Call::Changes),
];

/// Marks around a call's number; private use, so that no text holds them.
pub(crate) const OPEN: char = '\u{E000}';
pub(crate) const CLOSE: char = '\u{E001}';

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    wanted: Vec<FigureId>,
    known: BTreeMap<FigureId, Figure>,
}

/// A template that was rendered: the Markdown with marks, the calls, and the figures.
pub(crate) struct Rendered {
    pub(crate) markdown: String,
    pub(crate) calls: Vec<Call>,
    pub(crate) figures: BTreeMap<FigureId, Figure>,
}

/// A text that is written up to a length.
#[derive(Default)]
struct Page {
    text: Vec<u8>,
    full: bool,
}

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > LONGEST {
            self.full = true;
            return Err(io::Error::other("the text is too long"));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Shared = Arc<Mutex<State>>;

fn lock(state: &Shared) -> std::sync::MutexGuard<'_, State> {
    // A poisoned lock means a panic elsewhere; the state is still whole, for each call writes it at once.
    state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Recipe and parameters from a call; `reserved` names are the call's own.
fn id(recipe: &str, kwargs: &Kwargs, reserved: &[&str]) -> Result<FigureId, Error> {
    let mut params = BTreeMap::new();
    for name in kwargs.args() {
        let value: Jinja = kwargs.get(name)?;
        if !reserved.contains(&name) && !value.is_none() && !value.is_undefined() {
            params.insert(name.to_owned(), value.to_string());
        }
    }
    Ok(FigureId { recipe: recipe.to_owned(), params })
}

fn mark(state: &Shared, call: Call) -> Jinja {
    let mut state = lock(state);
    state.calls.push(call);
    Jinja::from_safe_string(format!("{OPEN}{}{CLOSE}", state.calls.len() - 1))
}

fn want(state: &Shared, id: &FigureId) {
    let mut state = lock(state);
    if !state.known.contains_key(id) && !state.wanted.contains(id) {
        state.wanted.push(id.clone());
    }
}

fn text(kwargs: &Kwargs, name: &str) -> Result<String, Error> {
    Ok(kwargs.get::<Option<String>>(name)?.unwrap_or_default())
}

/// Steps that a template may take; the built-in report takes some two thousand.
const FUEL: u64 = 2_000_000;
/// Characters that a report's text may have.
const LONGEST: usize = 8 << 20;
/// Figures that a report may ask for.
const MOST_FIGURES: usize = 5_000;
/// Tags that a template may have. Others define functions or lay values up in loops, and a value that doubles itself
/// fills the memory in few steps.
const TAGS: [&str; 9] = ["if", "elif", "else", "endif", "for", "endfor", "set", "with", "endwith"];
/// How often, as a power of two, values that are put together may be put together again.
const DOUBLED: u32 = 16;

fn refuse(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

/// Whether `template` can be read; otherwise the line, from 1, and why not.
pub(crate) fn check(template: &str) -> Result<(), (usize, String)> {
    bounded(template)?;
    let mut env = Environment::new();
    env.add_template("report", template)
        .map_err(|e| (e.line().unwrap_or(1), e.detail().map_or_else(|| e.kind().to_string(), str::to_owned)))
}

/// Whether the tags of `template` keep what it makes within bounds; otherwise the line, from 1, and why not.
///
/// A published report carries its template, and whoever verifies it runs it: so it is outside input like any other.
fn bounded(template: &str) -> Result<(), (usize, String)> {
    let mut doubled = 0u32;
    let mut at = 0;
    while let Some(found) = template[at..].find('{') {
        let start = at + found;
        at = start + 1;
        let wrong = |what: String| Err((template[..start].matches('\n').count() + 1, what));
        let (close, tag) = match template.as_bytes().get(start + 1) {
            Some(b'%') => ("%}", true),
            Some(b'{') => ("}}", false),
            Some(b'#') => {
                at = template[start..].find("#}").map_or(template.len(), |end| start + end + 2);
                continue;
            }
            _ => continue,
        };
        let (inner, bare, end) = inside(&template[start + 2..], close);
        at = start + 2 + end;
        if bare.contains('*') {
            return wrong(
                "found `*`, expected sums and comparisons alone: a text can be repeated with it".into(),
            );
        }
        if inner.chars().filter(|c| matches!(c, '(' | '[' | '{')).count() > 100 {
            return wrong("found more than a hundred brackets in one call, expected fewer".into());
        }
        if !tag {
            continue;
        }
        let words: Vec<&str> = bare
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|word| !word.is_empty())
            .collect();
        let name = words.first().copied().unwrap_or_default();
        if !TAGS.contains(&name) || words.contains(&"recursive") {
            return wrong(format!(
                "found a tag `{name}`, expected one of {} without `recursive`",
                TAGS.join(", ")
            ));
        }
        // A block between `set` and `endset` can hold itself as often as it likes.
        if name == "set" && !bare.contains('=') {
            return wrong("found `set` without a value, expected `{% set name = value %}`".into());
        }
        if ["set", "with"].contains(&name) && bare.contains(['~', '+', '|', '[']) {
            doubled += (words.len() as u32).next_power_of_two().trailing_zeros();
        }
        if doubled > DOUBLED {
            return wrong(
                "found values that are put together from each other too often, expected fewer".into(),
            );
        }
    }
    Ok(())
}

/// What stands in a tag or a call up to its end: as written, without its strings, and how many bytes it takes.
fn inside<'t>(text: &'t str, close: &str) -> (&'t str, String, usize) {
    let (mut open, mut escaped, mut bare) = (None, false, String::new());
    for (i, c) in text.char_indices() {
        match open {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(quote) if c == quote => open = None,
            Some(_) => {}
            None if text[i..].starts_with(close) => return (&text[..i], bare, i + close.len()),
            None if c == '"' || c == '\'' => open = Some(c),
            None => bare.push(c),
        }
    }
    (text, bare, text.len())
}

/// Renders `template` with `context`; `compute` answers for each figure that a call asks for, and `sources` are those
/// that may be cited.
pub(crate) fn render<E: From<Error>>(
    template: &str,
    context: Jinja,
    sources: &SourceList,
    mut compute: impl FnMut(&FigureId) -> Result<Figure, E>,
) -> Result<Rendered, E> {
    if let Err((line, what)) = bounded(template) {
        return Err(refuse(format!("line {line}: {what}")).into());
    }
    let state = Shared::default();
    let mut env = Environment::new();
    env.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    // What lays values up or makes long ones has no place in a report's text.
    for name in ["namespace", "dict", "debug"] {
        env.remove_global(name);
    }
    let add = |env: &mut Environment<'static>,
               name: &'static str,
               call: fn(&Shared, String, Kwargs) -> Result<Jinja, Error>| {
        let state = state.clone();
        env.add_function(name, move |recipe: String, kwargs: Kwargs| call(&state, recipe, kwargs));
    };
    add(&mut env, "figure", |state, recipe, kwargs| {
        let id = id(&recipe, &kwargs, &[])?;
        want(state, &id);
        Ok(mark(state, Call::Figure(id)))
    });
    add(&mut env, "bounds", |state, recipe, kwargs| {
        let id = id(&recipe, &kwargs, &[])?;
        want(state, &id);
        Ok(mark(state, Call::Bounds(id)))
    });
    add(&mut env, "number", |state, recipe, kwargs| {
        let id = id(&recipe, &kwargs, &[])?;
        want(state, &id);
        let number = lock(state).known.get(&id).and_then(Figure::number);
        Ok(number.map_or(Jinja::from(()), Jinja::from))
    });
    add(&mut env, "carried", |state, recipe, kwargs| {
        let id = id(&recipe, &kwargs, &[])?;
        want(state, &id);
        let carried = |f: &Figure| matches!(&f.value, Value::Number(cell) if cell.carried);
        Ok(Jinja::from(lock(state).known.get(&id).is_some_and(carried)))
    });
    // The first row of a table, for sentences on its largest or latest entry; `none` until it is known.
    add(&mut env, "rows", |state, recipe, kwargs| {
        let id = id(&recipe, &kwargs, &[])?;
        want(state, &id);
        let state = lock(state);
        let Some(Figure { value: Value::Table(table), .. }) = state.known.get(&id) else {
            return Ok(Jinja::from(0));
        };
        let held = table.rows.iter().filter(|r| r.cells.iter().any(|c| c.value.is_some()));
        Ok(Jinja::from(held.count()))
    });
    add(&mut env, "table", |state, recipe, kwargs| {
        let id = id(&recipe, &kwargs, &["title", "subtitle"])?;
        want(state, &id);
        let (title, subtitle) = (text(&kwargs, "title")?, text(&kwargs, "subtitle")?);
        Ok(mark(state, Call::Table { id, title, subtitle }))
    });
    add(&mut env, "chart", |state, recipe, kwargs| {
        let id = id(&recipe, &kwargs, &["title", "subtitle", "draw", "table"])?;
        want(state, &id);
        let (title, subtitle) = (text(&kwargs, "title")?, text(&kwargs, "subtitle")?);
        let draw = text(&kwargs, "draw")?;
        let table = kwargs.get::<Option<bool>>("table")?.unwrap_or(true);
        Ok(mark(state, Call::Chart { id, title, subtitle, draw, table }))
    });
    add(&mut env, "map", |state, recipe, kwargs| {
        let id = id(&recipe, &kwargs, &["title", "subtitle"])?;
        want(state, &id);
        let (title, subtitle) = (text(&kwargs, "title")?, text(&kwargs, "subtitle")?);
        // What is drawn is a figure with a claim of its own; it is known once the one that was called is.
        let drawn = lock(state).known.get(&id).map(mapped);
        if let Some(drawn) = &drawn {
            want(state, drawn);
        }
        Ok(mark(state, Call::Map { id: drawn.unwrap_or(id), title, subtitle }))
    });
    let cards = state.clone();
    env.add_function("card", move |label: String, sub: String, recipe: String, kwargs: Kwargs| {
        let id = id(&recipe, &kwargs, &[])?;
        want(&cards, &id);
        Ok::<_, Error>(mark(&cards, Call::Card { label, sub, id }))
    });
    let marks = state.clone();
    env.add_function("statement", move |id: String| mark(&marks, Call::Statement(id)));
    let marks = state.clone();
    env.add_function("section", move |number: String| mark(&marks, Call::Section(number)));
    let marks = state.clone();
    env.add_function("assumptions", move |scenario: String, kwargs: Kwargs| {
        let instance = kwargs.get::<Option<bool>>("instance")?.unwrap_or(false);
        Ok::<_, Error>(mark(&marks, Call::Assumptions { scenario, instance }))
    });
    let (cites, known) = (state.clone(), sources.clone());
    env.add_function("cite", move |source: String| {
        if !known.knows(&source) {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("no source `{source}` in the registry or in sources.toml"),
            ));
        }
        Ok(mark(&cites, Call::Cite(source)))
    });
    for (name, call) in PLAIN {
        let state = state.clone();
        env.add_function(name, move || mark(&state, call.clone()));
    }
    env.add_template_owned("report", template.to_owned())?;
    // Figures may decide which others are asked for, so rendering goes on until nothing is new.
    loop {
        lock(&state).calls.clear();
        let mut page = Page::default();
        let rendering = env.get_template("report")?.render_captured_to(&context, &mut page).map(|_| ());
        if page.full {
            return Err(refuse(format!("the text is longer than {LONGEST} bytes")).into());
        }
        rendering.map_err(|e| match e.kind() {
            ErrorKind::OutOfFuel => {
                refuse(format!("it takes more than {FUEL} steps; loops in loops were expected to be short"))
            }
            _ => e,
        })?;
        let markdown = String::from_utf8(page.text).map_err(|_| refuse("the text is no UTF-8"))?;
        if let Some((line, what)) = crate::markdown::too_deep(&markdown) {
            return Err(refuse(format!("line {line} of what it gives: {what}")).into());
        }
        let wanted = std::mem::take(&mut lock(&state).wanted);
        if wanted.is_empty() {
            let mut state = lock(&state);
            let (calls, figures) = (std::mem::take(&mut state.calls), std::mem::take(&mut state.known));
            return Ok(Rendered { markdown, calls, figures });
        }
        if lock(&state).known.len() + wanted.len() > MOST_FIGURES {
            return Err(refuse(format!("it asks for more than {MOST_FIGURES} figures")).into());
        }
        for id in wanted {
            let figure = compute(&id)?;
            lock(&state).known.insert(id, figure);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn made(template: &str) -> Result<String, Error> {
        let context = context! { country => "Syria", held => vec!["unhcr-population"], year => 2024 };
        let none = |_: &FigureId| -> Result<Figure, Error> { Err(refuse("no figure was asked for")) };
        render(template, context, &SourceList::default(), none).map(|r| r.markdown)
    }

    #[test]
    fn a_hostile_template_ends_soon_and_says_why() {
        let loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}x{% endfor %}{% endfor %}{% endfor %}";
        let silent = loops.replace('x', "");
        let quotes = format!("{}x", "> ".repeat(20_000));
        let made_quotes = "{% for a in range(20000) %}> {% endfor %}x";
        let doubles = format!("{{% set a = 'x' %}}{}{{{{ a }}}}", "{% set a = a ~ a %}".repeat(60));
        let long = format!("{{% for a in range(99999) %}}{}{{% endfor %}}", "0123456789".repeat(20));
        for (template, says) in [
            (loops, "steps"),
            (&*silent, "steps"),
            (&*quotes, "levels deep"),
            (made_quotes, "levels deep"),
            (&*doubles, "put together"),
            (&*long, "longer than"),
            ("{% macro f(x) %}{{ f(x ~ x) }}{% endmacro %}{{ f('a') }}", "a tag `macro`"),
            ("{% for x in [[1]] recursive %}{{ loop(x) }}{% endfor %}", "recursive"),
            ("{% set a %}x{% endset %}", "without a value"),
            ("{% for i in range(9) %}{{ 'x' * 100000000 }}{% endfor %}", "found `*`"),
            ("{% set n = namespace(a='x') %}", "namespace"),
            ("{% raw %}{{ x }}{% endraw %}", "a tag `raw`"),
        ] {
            let error = format!("{:#}", made(template).unwrap_err());
            assert!(error.contains(says), "{says}: {error}");
        }
    }

    #[test]
    fn what_templates_are_made_of_is_read() {
        let template = "{# {% macro %} #}{% if 'unhcr-population' in held and year > 2000 %}In {{ country ~ \"%}\" }}{% else %}no{% endif %}{%- for y in [1, 2] %} {{ y }}{% endfor %}{% set a = year + 1 %} {{ a }} *b*";
        assert_eq!(made(template).unwrap(), "In Syria%} 1 2 2025 *b*");
        for lang in wegen_model::Lang::ALL {
            assert_eq!(check(crate::default_template(lang)), Ok(()));
        }
    }
}
