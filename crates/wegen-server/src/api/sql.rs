//! SQL for analysts, where it was asked for: over a copy of the edition that holds nothing that may not be passed on,
//! opened read-only, with an authorizer, and limits on time, memory and rows.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use rusqlite::{
    Connection, OpenFlags,
    config::DbConfig,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
    types::ValueRef,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use utoipa::IntoParams;
use wegen_model::Lang;

use super::carried;
use crate::{
    ask::{Asked, At},
    copy,
    error::Problem,
    site::App,
};

/// How long a query may run.
const TIME: Duration = Duration::from_secs(3);
/// Rows of an answer.
const ROWS: usize = 1_000;
/// Bytes of an answer.
const BYTES: usize = 2 << 20;
/// What may be read.
const VIEWS: [&str; 10] = [
    "observations",
    "incidents",
    "events",
    "areas",
    "snapshots",
    "notice",
    "all_observations",
    "all_incidents",
    "all_events",
    "all_areas",
];
/// What the views are made of: read by them, and by nobody else.
const TABLES: [&str; 10] = [
    "observation",
    "incident",
    "event",
    "area",
    "snapshot",
    "term",
    "silent_observation",
    "silent_incident",
    "silent_event",
    "silent_area",
];
/// Functions that reach beyond the query, or make much of little.
const REFUSED: [&str; 10] = [
    "load_extension",
    "readfile",
    "writefile",
    "edit",
    "fts3_tokenizer",
    "randomblob",
    "zeroblob",
    "printf",
    "format",
    "replicate",
];

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// One SELECT over `observations`, `incidents`, `events`, `areas`, `snapshots`; `all_observations` and the like hold
    /// every row of every snapshot.
    q: String,
}

/// One SELECT over the edition's views. Off unless the server was started with `--sql`.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/sql",
    operation_id = "sql",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        Query,
    ),
    responses(
        (status = 200, description = "columns and rows, a thousand at most", body = Object),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn ask(
    State(app): State<App>,
    At(id): At<String>,
    Asked(query): Asked<Query>,
) -> Result<Response, Problem> {
    let (path, _open, id) = copy::of(&app, &id).await?;
    let asked = app.read(move |_, _| run(&path, &query.q)).await?;
    let value = carried(asked, &id, Lang::En);
    Ok(([(axum::http::header::CONTENT_TYPE, "application/json")], value.to_string()).into_response())
}

/// Whether a statement may do something.
fn allowed(context: &AuthContext<'_>) -> bool {
    match context.action {
        AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Read { table_name, column_name } => {
            let through_view = context.accessor.is_some_and(|view| VIEWS.contains(&view));
            // A view that was merged into the query, and a name made by WITH, are read once more without a column.
            let inner = ["sqlite_", "pragma_"].iter().any(|p| table_name.starts_with(p));
            let nameless = column_name.is_empty() && !inner;
            VIEWS.contains(&table_name) || (TABLES.contains(&table_name) && through_view) || nameless
        }
        AuthAction::Function { function_name } => {
            !REFUSED.contains(&function_name.to_ascii_lowercase().as_str())
        }
        _ => false,
    }
}

/// Asks, within the limits.
pub(crate) fn run(path: &Path, sql: &str) -> Result<Json, Problem> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags).map_err(Problem::internal)?;
    let wrong = |e: rusqlite::Error| {
        let text = e.to_string();
        match text.contains("not authorized") || text.contains("prohibited") {
            true => Problem::wrong(format!("{text}: one SELECT over {} was expected", VIEWS.join(", "))),
            false => Problem::wrong(text),
        }
    };
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 8_192),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 20),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 10),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        db.set_limit(limit, most).map_err(Problem::internal)?;
    }
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(Problem::internal)?;
    db.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA hard_heap_limit = 268435456;")
        .map_err(Problem::internal)?;
    // Views are read from the file now, before the authorizer looks on.
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(Problem::internal)?;
    db.authorizer(Some(
        |context: AuthContext<'_>| if allowed(&context) { Authorization::Allow } else { Authorization::Deny },
    ))
    .map_err(Problem::internal)?;
    let (start, late) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let told = late.clone();
    db.progress_handler(
        1_000,
        Some(move || {
            let over = start.elapsed() > TIME;
            told.fetch_or(over, Ordering::Relaxed);
            over
        }),
    )
    .map_err(Problem::internal)?;
    let too_long = || {
        Problem::wrong(format!("the query ran for more than {} seconds", TIME.as_secs()))
            .hint("name an indicator and a place in its WHERE")
    };
    let fail = |e: rusqlite::Error| if late.load(Ordering::Relaxed) { too_long() } else { wrong(e) };
    let mut statement = db.prepare(sql).map_err(fail)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).map_err(fail)?;
    let (mut found, mut bytes, mut more) = (Vec::new(), 0, false);
    while let Some(row) = rows.next().map_err(fail)? {
        if found.len() == ROWS || bytes > BYTES {
            more = true;
            break;
        }
        let mut values = Vec::with_capacity(columns.len());
        for i in 0..columns.len() {
            values.push(match row.get_ref(i).map_err(fail)? {
                ValueRef::Null => Json::Null,
                ValueRef::Integer(n) => json!(n),
                ValueRef::Real(x) => json!(x),
                ValueRef::Text(text) => {
                    bytes += text.len();
                    json!(String::from_utf8_lossy(text))
                }
                ValueRef::Blob(blob) => json!(format!("{} bytes", blob.len())),
            });
            bytes += 16;
        }
        found.push(Json::Array(values));
    }
    Ok(
        json!({"columns": columns, "rows": found, "more": more, "limits": {"rows": ROWS, "bytes": BYTES, "seconds": TIME.as_secs()}}),
    )
}
