//! Polite HTTP: one request at a time, with pauses, retries, limits, and errors that say what happened.
//!
//! What may pass is tried again (429, 500, 502, 503, 504, no connection, a time-out, an answer that was cut
//! off), with growing pauses or after as long as `Retry-After` says; what will not pass is not. A request with
//! a token follows no redirect, so that the token goes to nobody else, and no error repeats it.
//!
//! ```no_run
//! use wegen_sources::{Answer, Client, Expected, Politeness, Request, Validators};
//!
//! let client = Client::new(Politeness::default());
//! let request = Request::new("https://missingmigrants.iom.int/global-figures/2024/json", Expected::Json);
//! match client.get(&request, &Validators::default())? {
//!     Answer::Fresh(body) => println!("{} bytes", body.bytes.len()),
//!     Answer::NotModified => println!("as before"),
//! }
//! # Ok::<(), wegen_sources::SourceError>(())
//! ```

use std::{
    cell::Cell,
    collections::HashMap,
    fmt,
    io::Read,
    rc::Rc,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use backon::{BlockingRetryable, ExponentialBuilder};
use jiff::{Timestamp, fmt::rfc2822};
use ureq::{
    Agent, Body,
    http::{HeaderMap, Response, StatusCode, Uri},
};

use crate::SourceError;

/// How a client behaves towards publishers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Politeness {
    /// Who asks, and where to read about it: `wegen/0.1.0 (+https://github.com/wegen/wegen)`.
    pub user_agent: String,
    /// At least this long between the starts of two requests to one host: 1 s.
    pub min_interval: Duration,
    /// The longest wait for a connection: 10 s.
    pub connect_timeout: Duration,
    /// The longest wait for a whole answer, its body included: 3 minutes.
    pub overall_timeout: Duration,
    /// How often a request is sent in all before it is given up: 5 times.
    pub attempts: u32,
    /// The first pause before trying again, doubled each time, with up to as much again at random: 2 s.
    pub base_backoff: Duration,
    /// The longest such pause: 1 minute.
    pub max_backoff: Duration,
    /// The longest `Retry-After` that is waited for: 5 minutes. Coming back before a longer one would be
    /// impolite, so there the request is given up, and the error says when to come back.
    pub max_retry_after: Duration,
    /// The largest body that is read, after decompression: 256 MiB.
    pub max_body: u64,
}

impl Default for Politeness {
    fn default() -> Politeness {
        Politeness {
            user_agent: format!("wegen/{} (+{})", env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_REPOSITORY")),
            min_interval: Duration::from_secs(1),
            connect_timeout: Duration::from_secs(10),
            overall_timeout: Duration::from_secs(180),
            attempts: 5,
            base_backoff: Duration::from_secs(2),
            max_backoff: Duration::from_secs(60),
            max_retry_after: Duration::from_secs(300),
            max_body: 256 << 20,
        }
    }
}

/// A secret of the user's, which is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token; `None` where there is nothing but blanks.
    pub fn new(text: &str) -> Option<Token> {
        let text = text.trim();
        (!text.is_empty()).then(|| Token(text.to_owned()))
    }

    /// The token in an environment variable.
    pub fn from_env(variable: &str) -> Option<Token> {
        Token::new(&std::env::var(variable).ok()?)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The token that a publisher requires, and how to give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The header it is sent in.
    pub header: &'static str,
    /// The environment variable it is taken from, for messages.
    pub variable: &'static str,
    /// The token, where there is one.
    pub token: Option<Token>,
}

/// The format that is expected in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A JSON document.
    Json,
    /// Comma-separated text.
    Csv,
    /// Any bytes.
    Any,
}

impl Expected {
    fn name(self) -> &'static str {
        match self {
            Expected::Json => "application/json",
            Expected::Csv => "text/csv",
            Expected::Any => "any type",
        }
    }

    /// Whether a content type can be this. Plain text and unspecified bytes can: their first character decides.
    fn admits(self, content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let vague = matches!(
            essence.as_str(),
            "" | "text/plain" | "application/octet-stream" | "binary/octet-stream"
        );
        match self {
            Expected::Json => {
                vague || essence == "text/json" || essence == "application/json" || essence.ends_with("+json")
            }
            Expected::Csv => {
                vague
                    || matches!(
                        essence.as_str(),
                        "text/csv"
                            | "application/csv"
                            | "text/comma-separated-values"
                            | "application/vnd.ms-excel"
                    )
            }
            Expected::Any => true,
        }
    }

    /// What is wrong with the beginning of a body, if anything.
    fn refuses(self, bytes: &[u8]) -> Option<&'static str> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match (self, text.iter().find(|b| !b.is_ascii_whitespace())) {
            (Expected::Any, _) | (Expected::Json, Some(b'{' | b'[')) => None,
            (_, None) => Some("an empty body"),
            (_, Some(b'<')) => Some("a body of HTML or XML"),
            (Expected::Json, Some(_)) => Some("a body that is no JSON array or object"),
            (Expected::Csv, Some(_)) => None,
        }
    }
}

/// One request: always `GET`, and its address never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The address.
    pub url: String,
    /// The format of the answer.
    pub expected: Expected,
    /// The token it needs, where it needs one.
    pub credential: Option<Credential>,
}

impl Request {
    /// A request without a token.
    pub fn new(url: impl Into<String>, expected: Expected) -> Request {
        Request { url: url.into(), expected, credential: None }
    }

    fn token(&self) -> Option<&Token> {
        self.credential.as_ref().and_then(|c| c.token.as_ref())
    }

    /// A text with the token struck out, which a server may have repeated.
    pub(crate) fn hide(&self, text: &str) -> String {
        match self.token() {
            Some(Token(token)) => text.replace(token.as_str(), "…"),
            None => text.to_owned(),
        }
    }

    /// An error about this request.
    fn error(&self, what: &str) -> SourceError {
        SourceError::Http { url: self.hide(&self.url), what: self.hide(what) }
    }
}

/// What makes a request conditional: what the server said about the bytes that are held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// Sent as `If-None-Match`.
    pub etag: Option<String>,
    /// Sent as `If-Modified-Since`.
    pub last_modified: Option<String>,
}

impl Validators {
    fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// Bytes that came, with what the server said about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The body, decompressed.
    pub bytes: Vec<u8>,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The bytes.
    Fresh(Received),
    /// The bytes that the validators belong to still hold (304).
    NotModified,
}

/// Why one attempt brought nothing, and whether another may.
struct Failure {
    what: String,
    again: bool,
    after: Option<Duration>,
}

impl Failure {
    fn for_good(what: impl Into<String>) -> Failure {
        Failure { what: what.into(), again: false, after: None }
    }

    fn passing(what: impl Into<String>) -> Failure {
        Failure { what: what.into(), again: true, after: None }
    }
}

/// A blocking HTTP client that keeps its pace across all requests made through it.
pub struct Client {
    agent: Agent,
    politeness: Politeness,
    /// The earliest start of the next request, by host.
    turns: Mutex<HashMap<String, Instant>>,
}

impl Client {
    /// A client that behaves so.
    pub fn new(politeness: Politeness) -> Client {
        let config = Agent::config_builder()
            .user_agent(&politeness.user_agent)
            .timeout_connect(Some(politeness.connect_timeout))
            .timeout_global(Some(politeness.overall_timeout))
            // A status is not an error of the transport: we read what comes with it.
            .http_status_as_error(false)
            .build();
        Client { agent: config.new_agent(), politeness, turns: Mutex::new(HashMap::new()) }
    }

    /// Asks, and asks again where that may help.
    ///
    /// # Errors
    /// [`SourceError::Http`], with the address, what happened and how often it was tried.
    pub fn get(&self, request: &Request, validators: &Validators) -> Result<Answer, SourceError> {
        if let Some(credential) = request.credential.as_ref().filter(|c| c.token.is_none()) {
            return Err(request.error(&format!(
                "needs a token of the publisher, and `{}` is not set; nothing was asked",
                credential.variable
            )));
        }
        let uri: Uri = request.url.parse().map_err(|_| request.error("is not an address"))?;
        let host = uri.host().ok_or_else(|| request.error("is an address without a host"))?;
        let tries = Cell::new(0);
        // Shared with the sleeper, which outlives this call as far as the compiler knows.
        let told = Rc::new(Cell::new(None));
        let pauses = Rc::clone(&told);
        let backoff = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(self.politeness.base_backoff)
            .with_max_delay(self.politeness.max_backoff)
            .with_max_times(self.politeness.attempts.saturating_sub(1) as usize);
        let attempt = || {
            tries.set(tries.get() + 1);
            self.wait_for_turn(host);
            self.once(request, host, validators)
        };
        attempt
            .retry(backoff)
            .when(|failure| failure.again)
            .notify(|failure: &Failure, pause| {
                tracing::info!(url = %request.url, ?pause, "trying again after: {}", failure.what);
                told.set(failure.after);
            })
            .sleep(move |pause| thread::sleep(pauses.take().unwrap_or(pause)))
            .call()
            .map_err(|failure| match tries.get() {
                1 => request.error(&failure.what),
                tries => request.error(&format!("{} (tried {tries} times)", failure.what)),
            })
    }

    /// Waits until the host may be asked again, and takes that turn.
    fn wait_for_turn(&self, host: &str) {
        let now = Instant::now();
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            let next = turns.entry(host.to_owned()).or_insert(now);
            let turn = (*next).max(now);
            *next = turn + self.politeness.min_interval;
            turn
        };
        thread::sleep(turn.saturating_duration_since(now));
    }

    fn once(&self, request: &Request, host: &str, validators: &Validators) -> Result<Answer, Failure> {
        let mut builder = self.agent.get(&request.url).header("accept", accept(request.expected));
        if let Some(etag) = &validators.etag {
            builder = builder.header("if-none-match", etag);
        }
        if let Some(date) = &validators.last_modified {
            builder = builder.header("if-modified-since", date);
        }
        if let (Some(credential), Some(Token(token))) = (&request.credential, request.token()) {
            builder = builder.header(credential.header, token);
        }
        let mut config = builder
            .config()
            .max_redirects(if request.token().is_some() { 0 } else { 5 })
            .https_only(request.url.starts_with("https://"));
        if matches!(host, "127.0.0.1" | "localhost" | "[::1]") {
            // No proxy stands between us and this machine.
            config = config.proxy(None);
        }
        let mut response = config.build().call().map_err(|e| transport(&e, self.politeness.max_body))?;
        match response.status() {
            StatusCode::OK => self.body(request, &mut response),
            StatusCode::NOT_MODIFIED if !validators.is_empty() => Ok(Answer::NotModified),
            StatusCode::NOT_MODIFIED => {
                Err(Failure::for_good("answered 304 Not Modified, though the request was not conditional"))
            }
            status => Err(self.refusal(request, status, &mut response)),
        }
    }

    fn body(&self, request: &Request, response: &mut Response<Body>) -> Result<Answer, Failure> {
        let expected = request.expected;
        let content_type = header(response.headers(), "content-type");
        if let Some(found) = content_type.as_deref().filter(|found| !expected.admits(found)) {
            let found: String = found.chars().take(80).collect();
            return Err(Failure::for_good(format!(
                "found content of type `{found}`, expected `{}`",
                expected.name()
            )));
        }
        let limit = self.politeness.max_body;
        let bytes =
            response.body_mut().with_config().limit(limit).read_to_vec().map_err(|e| transport(&e, limit))?;
        if let Some(found) = expected.refuses(&bytes) {
            return Err(Failure::for_good(format!("found {found}, expected `{}`", expected.name())));
        }
        Ok(Answer::Fresh(Received {
            bytes,
            etag: header(response.headers(), "etag"),
            last_modified: header(response.headers(), "last-modified"),
            content_type,
        }))
    }

    /// A status that is not an answer.
    fn refusal(&self, request: &Request, status: StatusCode, response: &mut Response<Body>) -> Failure {
        let mut what = format!("answered HTTP {status}");
        match (status.as_u16(), &request.credential) {
            (401 | 403, Some(credential)) => {
                what += &format!("; the token in `{}` was not accepted", credential.variable);
            }
            (300..=399, Some(_)) => what += "; a request with a token follows no redirect",
            _ => {}
        }
        if let Some(said) = excerpt(response) {
            what += &format!("; it said: {said}");
        }
        if !matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504) {
            return Failure::for_good(what);
        }
        // A date in the past, or zero, says nothing: then our own pauses hold.
        let after =
            header(response.headers(), "retry-after").and_then(|text| retry_after(&text, Timestamp::now()));
        match after.filter(|after| !after.is_zero()) {
            Some(after) if after > self.politeness.max_retry_after => Failure::for_good(format!(
                "{what}; it asks to come back after {} s, which is longer than we wait",
                after.as_secs()
            )),
            after => Failure { what, again: true, after },
        }
    }
}

fn accept(expected: Expected) -> &'static str {
    match expected {
        Expected::Json => "application/json",
        Expected::Csv => "text/csv, text/plain;q=0.5",
        Expected::Any => "*/*",
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The first words of a refusal that is not a page of HTML.
fn excerpt(response: &mut Response<Body>) -> Option<String> {
    if header(response.headers(), "content-type").is_some_and(|t| t.contains("html")) {
        return None;
    }
    let mut bytes = Vec::new();
    // What cannot be read of a refusal is not missed.
    let _ = response.body_mut().as_reader().take(1000).read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    (!text.is_empty() && !text.starts_with('<')).then_some(text)
}

/// `Retry-After` as a duration: seconds, or a date.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// Why the transport brought no answer.
fn transport(error: &ureq::Error, limit: u64) -> Failure {
    match error {
        ureq::Error::Timeout(which) => Failure::passing(format!("no answer in time ({which})")),
        ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            Failure::passing("the answer was cut off before its end")
        }
        ureq::Error::Io(e) => Failure::passing(format!("no connection: {e}")),
        ureq::Error::HostNotFound => Failure::passing("the host was not found; is there a connection?"),
        ureq::Error::ConnectionFailed => Failure::passing("no connection"),
        ureq::Error::Protocol(e) => Failure::passing(format!("the answer is not HTTP, or was cut off: {e}")),
        ureq::Error::Decompress(_, e) => Failure::passing(format!("the answer does not decompress: {e}")),
        ureq::Error::BodyExceedsLimit(_) => {
            Failure::for_good(format!("found more than {limit} bytes, expected at most that"))
        }
        ureq::Error::RequireHttpsOnly(_) => Failure::for_good("redirects to an address without encryption"),
        other => Failure::for_good(other.to_string()),
    }
}
