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
//! | `{{ table("returns", title="…", origin=iso) }}` | a table |
//! | `{{ chart("returns", title="…", draw="stacked", origin=iso) }}` | a drawing with its table |
//! | `{{ map("refugees-by-host", title="…", origin=iso) }}` | a map |
//! | `{{ card("…", "…", "refugees", origin=iso) }}` | a key figure; several in a row make a grid |
//! | `{{ cite("unhcr-population") }}` | a numbered citation |
//! | `{{ sources() }}`, `{{ gaps() }}` | the sources, and what is not known |
//! | `{{ questions() }}`, `{{ conditions() }}` | the terms of reference, and conditions with their thresholds |
//! | `{{ assessment() }}`, `{{ changes() }}` | how sources were weighed, and reviews, corrections and what supersedes what |
//! | `{{ statement("s1") }}` | the end of a statement; a manuscript's `[^s1]` becomes this |

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use minijinja::{Environment, Error, ErrorKind, Value as Jinja, value::Kwargs};

use crate::{
    figure::{Figure, FigureId, Value},
    manuscript::SourceList,
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

/// Whether `template` can be read; otherwise the line, from 1, and why not.
pub(crate) fn check(template: &str) -> Result<(), (usize, String)> {
    let mut env = Environment::new();
    env.add_template("report", template)
        .map_err(|e| (e.line().unwrap_or(1), e.detail().map_or_else(|| e.kind().to_string(), str::to_owned)))
}

/// Renders `template` with `context`; `compute` answers for each figure that a call asks for, and `sources` are those
/// that may be cited.
pub(crate) fn render<E: From<Error>>(
    template: &str,
    context: Jinja,
    sources: &SourceList,
    mut compute: impl FnMut(&FigureId) -> Result<Figure, E>,
) -> Result<Rendered, E> {
    let state = Shared::default();
    let mut env = Environment::new();
    env.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
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
        Ok(mark(state, Call::Map { id, title, subtitle }))
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
        let markdown = env.get_template("report")?.render(&context)?;
        let wanted = std::mem::take(&mut lock(&state).wanted);
        if wanted.is_empty() {
            let mut state = lock(&state);
            let (calls, figures) = (std::mem::take(&mut state.calls), std::mem::take(&mut state.known));
            return Ok(Rendered { markdown, calls, figures });
        }
        for id in wanted {
            let figure = compute(&id)?;
            lock(&state).known.insert(id, figure);
        }
    }
}
