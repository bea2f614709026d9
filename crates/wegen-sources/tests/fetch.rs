//! Fetching against a server on this machine that plays publishers' answers, and their faults.

#![allow(clippy::unwrap_used)] // Also in what the tests share.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use jiff::{Timestamp, fmt::rfc2822};
use wegen_ledger::{Ledger, RecordFilter};
use wegen_model::{Code, Coverage, Declared, Span, sources};
use wegen_sources::{
    Answer, Ask, Client, Credential, Expected, Fetched, Politeness, Request, SourceError, Token, Validators,
    only_by_import, plan, sync,
};

/// What the server was asked.
#[derive(Debug, Clone)]
struct Asked {
    url: String,
    headers: BTreeMap<String, String>,
    at: Instant,
}

impl Asked {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The value of a parameter in the address.
    fn parameter(&self, name: &str) -> Option<&str> {
        let (_, query) = self.url.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    fn page(&self) -> u64 {
        self.parameter("page").unwrap().parse().unwrap()
    }
}

/// What it answers.
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// The pause before each eighth of the body.
    slow: Duration,
}

fn reply(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
    Reply {
        status,
        headers: vec![("Content-Type", content_type.into())],
        body: body.into(),
        slow: Duration::ZERO,
    }
}

fn json(body: impl Into<Vec<u8>>) -> Reply {
    reply(200, "application/json", body)
}

fn status(code: u16) -> Reply {
    reply(code, "text/plain", "")
}

impl Reply {
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }
}

/// A body that comes in eight pieces, with pauses.
struct Slow {
    rest: Vec<u8>,
    piece: usize,
    pause: Duration,
}

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        thread::sleep(self.pause);
        let n = self.piece.min(self.rest.len()).min(buffer.len());
        buffer[..n].copy_from_slice(&self.rest[..n]);
        self.rest.drain(..n);
        Ok(n)
    }
}

struct Server {
    server: Arc<tiny_http::Server>,
    asked: Arc<Mutex<Vec<Asked>>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// A server that answers by what it is asked, and how often it was asked anything before.
    fn start(answer: impl Fn(&Asked, usize) -> Reply + Send + 'static) -> Server {
        let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (listening, log) = (Arc::clone(&server), Arc::clone(&asked));
        let thread = thread::spawn(move || {
            for request in listening.incoming_requests() {
                let headers = request
                    .headers()
                    .iter()
                    .map(|h| (h.field.as_str().as_str().to_ascii_lowercase(), h.value.as_str().to_owned()))
                    .collect();
                let now = Asked { url: request.url().to_owned(), headers, at: Instant::now() };
                let before = {
                    let mut log: std::sync::MutexGuard<'_, Vec<Asked>> = log.lock().unwrap();
                    log.push(now.clone());
                    log.len() - 1
                };
                let Reply { status, headers, body, slow } = answer(&now, before);
                let length = body.len();
                let body = Slow {
                    piece: if slow.is_zero() { length } else { length.div_ceil(8) },
                    rest: body,
                    pause: slow,
                };
                let headers = headers
                    .into_iter()
                    .map(|(name, value)| tiny_http::Header::from_bytes(name, value.as_bytes()).unwrap())
                    .collect();
                // A client that hung up is what some of the tests are about.
                let _ = request.respond(tiny_http::Response::new(
                    status.into(),
                    headers,
                    body,
                    Some(length),
                    None,
                ));
            }
        });
        Server { server, asked, thread: Some(thread) }
    }

    fn base(&self) -> String {
        format!("http://{}", self.server.server_addr())
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers each connection with the next of these bytes, then closes it.
fn raw(answers: Vec<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                request.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    base
}

fn quick() -> Politeness {
    Politeness {
        min_interval: Duration::ZERO,
        connect_timeout: Duration::from_secs(2),
        overall_timeout: Duration::from_secs(5),
        attempts: 3,
        base_backoff: Duration::from_millis(5),
        max_backoff: Duration::from_millis(20),
        ..Politeness::default()
    }
}

fn get(base: &str) -> Result<Answer, SourceError> {
    Client::new(quick()).get(&Request::new(format!("{base}/table"), Expected::Json), &Validators::default())
}

fn bytes(answer: Answer) -> Vec<u8> {
    match answer {
        Answer::Fresh(received) => received.bytes,
        Answer::NotModified => panic!("nothing fresh"),
    }
}

#[test]
fn says_who_asks_and_for_what() {
    let server = Server::start(|_, _| {
        json("[1]").with("ETag", "\"a\"").with("Last-Modified", "Sun, 01 Mar 2026 12:00:00 GMT")
    });
    let Answer::Fresh(received) = get(&server.base()).unwrap() else { panic!("nothing fresh") };
    assert_eq!(received.bytes, b"[1]");
    assert_eq!(received.etag.as_deref(), Some("\"a\""));
    assert_eq!(received.last_modified.as_deref(), Some("Sun, 01 Mar 2026 12:00:00 GMT"));
    assert_eq!(received.content_type.as_deref(), Some("application/json"));
    let asked = server.asked();
    assert_eq!(asked[0].header("user-agent"), Some("wegen/0.1.0 (+https://github.com/wegen/wegen)"));
    assert_eq!(asked[0].header("accept"), Some("application/json"));
    assert_eq!(asked[0].header("if-none-match"), None);
}

#[test]
fn keeps_its_pace_at_one_host() {
    let server = Server::start(|_, _| json("[1]"));
    let client = Client::new(Politeness { min_interval: Duration::from_millis(150), ..quick() });
    let request = Request::new(format!("{}/table", server.base()), Expected::Json);
    for _ in 0..3 {
        client.get(&request, &Validators::default()).unwrap();
    }
    let asked = server.asked();
    // Some slack: the pause is between starts at our end, and the way to the server differs.
    assert!(asked[2].at - asked[0].at >= Duration::from_millis(290), "{asked:?}");
}

#[test]
fn comes_back_when_it_is_told_to() {
    let server =
        Server::start(|_, n| if n == 0 { status(429).with("Retry-After", "1") } else { json("[1]") });
    assert_eq!(bytes(get(&server.base()).unwrap()), b"[1]");
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    let pause = asked[1].at - asked[0].at;
    assert!(pause >= Duration::from_millis(990) && pause < Duration::from_secs(3), "{pause:?}");
}

#[test]
fn comes_back_at_the_hour_it_is_told_to() {
    let server = Server::start(|_, n| {
        // In two seconds less the part that whole seconds cut off: one at least.
        let then = Timestamp::now() + Duration::from_secs(2);
        let then = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&then).unwrap();
        if n == 0 { status(503).with("Retry-After", then) } else { json("[1]") }
    });
    assert_eq!(bytes(get(&server.base()).unwrap()), b"[1]");
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    let pause = asked[1].at - asked[0].at;
    assert!(pause >= Duration::from_millis(950) && pause < Duration::from_secs(4), "{pause:?}");
}

#[test]
fn gives_up_rather_than_come_back_early() {
    let server = Server::start(|_, _| status(503).with("Retry-After", "86400"));
    let error = get(&server.base()).unwrap_err().to_string();
    assert!(error.contains("503") && error.contains("after 86400 s"), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn tries_again_what_may_pass() {
    for code in [429, 500, 502, 503, 504] {
        let server = Server::start(move |_, n| if n < 2 { status(code) } else { json("[1]") });
        assert_eq!(bytes(get(&server.base()).unwrap()), b"[1]", "{code}");
        assert_eq!(server.asked().len(), 3, "{code}");
    }
}

#[test]
fn gives_up_after_some_attempts() {
    let server = Server::start(|_, _| status(500));
    let error = get(&server.base()).unwrap_err().to_string();
    assert!(error.contains("/table: answered HTTP 500") && error.ends_with("(tried 3 times)"), "{error}");
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn does_not_try_again_what_will_not_pass() {
    for code in [400, 403, 404, 410, 413] {
        let server = Server::start(move |_, _| reply(code, "application/json", "{\"error\": \"Missing\"}"));
        let error = get(&server.base()).unwrap_err();
        assert!(matches!(error, SourceError::Http { .. }), "{error}");
        let error = error.to_string();
        assert!(error.contains(&format!("HTTP {code}")) && error.contains("Missing"), "{error}");
        assert_eq!(server.asked().len(), 1, "{code}");
    }
}

#[test]
fn no_connection_is_an_error_that_says_so() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = get(&format!("http://{address}")).unwrap_err().to_string();
    assert!(error.contains("no connection") && error.contains("(tried 3 times)"), "{error}");
}

#[test]
fn truncated_bodies_are_asked_for_again() {
    const CUT: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n[1, 2";
    const WHOLE: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 6\r\nConnection: close\r\n\r\n[1, 2]";
    const CHUNKS: &str =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n";
    assert_eq!(bytes(get(&raw(vec![CUT, WHOLE])).unwrap()), b"[1, 2]");
    assert_eq!(bytes(get(&raw(vec![CHUNKS, WHOLE])).unwrap()), b"[1, 2]");
    let error = get(&raw(vec![CUT, CUT, CUT])).unwrap_err().to_string();
    assert!(error.contains("cut off") && error.contains("(tried 3 times)"), "{error}");
}

#[test]
fn slow_bodies_time_out_and_are_asked_for_again() {
    let server = Server::start(|_, n| {
        let slow = if n == 0 { Duration::from_millis(120) } else { Duration::ZERO };
        Reply { slow, ..json("[1, 2, 3, 4, 5, 6, 7, 8]") }
    });
    let client = Client::new(Politeness { overall_timeout: Duration::from_millis(400), ..quick() });
    let request = Request::new(format!("{}/table", server.base()), Expected::Json);
    // The server is busy with the slow body for a while, so that the second attempt may time out as well.
    assert_eq!(bytes(client.get(&request, &Validators::default()).unwrap()), b"[1, 2, 3, 4, 5, 6, 7, 8]");
    assert!(server.asked().len() >= 2);

    let server =
        Server::start(|_, _| Reply { slow: Duration::from_millis(120), ..json("[1, 2, 3, 4, 5, 6, 7, 8]") });
    let client =
        Client::new(Politeness { overall_timeout: Duration::from_millis(100), attempts: 1, ..quick() });
    let request = Request::new(format!("{}/table", server.base()), Expected::Json);
    let error = client.get(&request, &Validators::default()).unwrap_err().to_string();
    assert!(error.contains("no answer in time"), "{error}");
}

#[test]
fn wrong_content_says_what_was_found_and_expected() {
    let server =
        Server::start(|_, _| reply(200, "text/html; charset=utf-8", "<html>We are back soon</html>"));
    let error = get(&server.base()).unwrap_err().to_string();
    assert!(
        error.contains("found content of type `text/html; charset=utf-8`, expected `application/json`"),
        "{error}"
    );
    let request = Request::new(format!("{}/table", server.base()), Expected::Csv);
    let error = Client::new(quick()).get(&request, &Validators::default()).unwrap_err().to_string();
    assert!(error.contains("expected `text/csv`"), "{error}");
    // A server may call its page of maintenance JSON.
    let server = Server::start(|_, _| json("<html>We are back soon</html>"));
    let error = get(&server.base()).unwrap_err().to_string();
    assert!(error.contains("found a body of HTML or XML"), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn bodies_have_a_limit() {
    let server = Server::start(|_, _| json(format!("[{}]", "1,".repeat(2000))));
    let client = Client::new(Politeness { max_body: 1000, ..quick() });
    let request = Request::new(format!("{}/table", server.base()), Expected::Json);
    let error = client.get(&request, &Validators::default()).unwrap_err().to_string();
    assert!(error.contains("more than 1000 bytes"), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn conditional_requests_are_answered_with_nothing_new() {
    let server = Server::start(|asked, _| match asked.header("if-none-match") {
        Some("\"a\"") => status(304),
        _ => json("[2]"),
    });
    let client = Client::new(quick());
    let request = Request::new(format!("{}/table", server.base()), Expected::Json);
    let date = "Sun, 01 Mar 2026 12:00:00 GMT".to_owned();
    let same = Validators { etag: Some("\"a\"".into()), last_modified: Some(date.clone()) };
    assert_eq!(client.get(&request, &same).unwrap(), Answer::NotModified);
    assert_eq!(server.asked()[0].header("if-modified-since"), Some(date.as_str()));
    let other = Validators { etag: Some("\"b\"".into()), last_modified: None };
    assert_eq!(bytes(client.get(&request, &other).unwrap()), b"[2]");
    // Nothing is held, so this cannot be.
    let server = Server::start(|_, _| status(304));
    assert!(get(&server.base()).unwrap_err().to_string().contains("304"));
}

#[test]
fn a_token_goes_to_its_server_alone_and_into_no_error() {
    const SECRET: &str = "k3y-of-the-analyst";
    let other = Server::start(|_, _| json("[1]"));
    let elsewhere = format!("{}/stolen", other.base());
    let server = Server::start(move |asked, _| match asked.url.as_str() {
        "/moved" => reply(302, "text/plain", "").with("Location", elsewhere.as_str()),
        "/good" => json("[1]"),
        _ => {
            let sent = asked.header("x-ucdp-access-token").unwrap_or("none");
            reply(401, "application/json", format!("{{\"message\": \"{sent} is not known\"}}"))
        }
    });
    let client = Client::new(quick());
    let credential = |token: Option<Token>| Credential {
        header: "x-ucdp-access-token",
        variable: "WEGEN_UCDP_TOKEN",
        token,
    };
    let request = |path: &str, token: Option<Token>| Request {
        credential: Some(credential(token)),
        ..Request::new(format!("{}{path}", server.base()), Expected::Json)
    };
    let none = Validators::default();

    assert_eq!(bytes(client.get(&request("/good", Token::new(SECRET)), &none).unwrap()), b"[1]");
    assert_eq!(server.asked()[0].header("x-ucdp-access-token"), Some(SECRET));

    let error = client.get(&request("/bad", Token::new(SECRET)), &none).unwrap_err();
    let (shown, debugged) = (error.to_string(), format!("{error:?}"));
    assert!(
        shown.contains("401") && shown.contains("`WEGEN_UCDP_TOKEN`") && shown.contains("is not known"),
        "{shown}"
    );
    assert!(!shown.contains(SECRET) && !debugged.contains(SECRET), "{debugged}");
    assert_eq!(server.asked().len(), 2);

    let error = client.get(&request("/moved", Token::new(SECRET)), &none).unwrap_err().to_string();
    assert!(error.contains("follows no redirect") && !error.contains(SECRET), "{error}");
    assert!(other.asked().is_empty());

    let error = client.get(&request("/good", None), &none).unwrap_err().to_string();
    assert!(error.contains("`WEGEN_UCDP_TOKEN` is not set"), "{error}");
    assert_eq!(server.asked().len(), 3);
    assert!(!format!("{:?}", request("/good", Token::new(SECRET))).contains(SECRET));
}

// Whole answers, into a ledger.

struct Place {
    folder: tempfile::TempDir,
    ledger: Ledger,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        Place { folder, ledger }
    }

    fn sync(&mut self, server: &Server, source: &str, ask: &Ask) -> Result<Vec<Fetched>, SourceError> {
        let mut ask = ask.clone();
        ask.base_urls.insert(source.to_owned(), server.base());
        sync(&Client::new(quick()), &mut self.ledger, source, &ask, &mut |_, _| {})
    }

    fn snapshots(&self) -> usize {
        self.ledger.snapshots().unwrap().len()
    }

    fn incoming(&self) -> usize {
        let files =
            |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
        files(&self.folder.path().join("incoming")).map(|plan| files(&plan).count()).sum()
    }
}

fn ask(country: &str) -> Ask {
    Ask { country: Some(Code::new(country).unwrap()), ..Ask::new(2026) }
}

/// A page of UNHCR's solutions: one row, in which only the year tells pages apart.
fn solutions(page: u64, pages: u64) -> String {
    let year = 2010 + page;
    format!(
        r#"{{"page": {page}, "short-url": "", "maxPages": {pages}, "total": [], "items": [{{"year": {year},
        "coo_id": 1, "coo": "SYR", "coo_name": "Syria", "coo_iso": "SYR", "coa_id": 2, "coa": "TUR",
        "coa_name": "Turkey", "coa_iso": "TUR", "returned_refugees": 12, "resettlement": "0",
        "naturalisation": "-", "returned_idps": "0"}}]}}"#
    )
}

#[test]
fn all_pages_become_one_snapshot() {
    let server = Server::start(|asked, _| {
        json(solutions(asked.page(), 4)).with("ETag", format!("\"{}\"", asked.page()))
    });
    let mut place = Place::new();
    let mut ask = ask("SYR");
    ask.base_urls.insert("unhcr-solutions".into(), server.base());
    let mut told = Vec::new();
    let fetched =
        sync(&Client::new(quick()), &mut place.ledger, "unhcr-solutions", &ask, &mut |done, total| {
            told.push((done, total));
        })
        .unwrap();
    assert_eq!(told, [(1, Some(4)), (2, Some(4)), (3, Some(4)), (4, Some(4))]);
    let [Fetched::Added(snapshot)] = &fetched[..] else { panic!("{fetched:?}") };
    assert_eq!(snapshot.source, "unhcr-solutions");
    assert_eq!(snapshot.capture, "api");
    assert_eq!(snapshot.coverage.countries, Some([Code::new("SYR").unwrap()].into()));
    let (declared, period) = (snapshot.coverage.declared, snapshot.coverage.period.unwrap());
    let retrieved = snapshot.retrieved_on();
    assert_eq!(
        (declared, period.last_year()),
        (Declared::Question, retrieved.year().into()),
        "nothing of what is to come"
    );
    assert_eq!((snapshot.rows_read, snapshot.records), (4, 12));
    assert_eq!(snapshot.parts.len(), 4);
    assert_eq!(snapshot.parts[2].name, "solutions-page-3.json");
    assert_eq!(snapshot.parts[2].etag.as_deref(), Some("\"3\""));
    let url = snapshot.parts[2].url.clone().unwrap();
    assert!(url.ends_with("coo=SYR&coa_all=true&yearFrom=1951&yearTo=2026&page=3"), "{url}");
    assert_eq!(place.ledger.bytes(&snapshot.parts[2]).unwrap(), solutions(3, 4).as_bytes());
    assert_eq!(place.incoming(), 0);
    let edition = place.ledger.edition(None).unwrap();
    let rows = place.ledger.evidence(&edition).observations(&RecordFilter::of("unhcr-solutions")).unwrap();
    assert_eq!(rows.len(), 12);
}

#[test]
fn an_empty_answer_counts() {
    let server = Server::start(|_, _| {
        json(r#"{"page": 1, "short-url": "", "maxPages": 0, "total": [], "items": []}"#)
    });
    let mut place = Place::new();
    let ask = Ask { from_year: Some(2020), to_year: Some(2021), ..ask("TUV") };
    let fetched = place.sync(&server, "unhcr-population", &ask).unwrap();
    let snapshot = fetched[0].snapshot();
    let asked = Coverage::all(Declared::Question).of([Code::new("TUV").unwrap()]);
    assert_eq!(snapshot.coverage, asked.during(Span::years(2020, 2021)));
    assert_eq!(snapshot.records, 0);
    let edition = place.ledger.edition(None).unwrap();
    let tuvalu = Some(Code::new("TUV").unwrap());
    assert!(place.ledger.evidence(&edition).answering("unhcr-population", tuvalu, 2021).is_some());
    assert!(place.ledger.evidence(&edition).answering("unhcr-population", tuvalu, 2019).is_none());
}

#[test]
fn an_interrupted_run_goes_on_where_it_stopped() {
    let broken = Arc::new(Mutex::new(true));
    let switch = Arc::clone(&broken);
    let server = Server::start(move |asked, _| match asked.page() {
        3 if *switch.lock().unwrap() => status(503),
        page => json(solutions(page, 4)),
    });
    let mut place = Place::new();
    let error = place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap_err();
    assert!(matches!(&error, SourceError::Http { url, .. } if url.ends_with("page=3")), "{error}");
    assert_eq!((place.snapshots(), place.incoming()), (0, 2));

    *broken.lock().unwrap() = false;
    server.forget();
    let fetched = place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap();
    assert_eq!(server.asked().iter().map(Asked::page).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(fetched[0].snapshot().parts.len(), 4);
    assert_eq!((place.snapshots(), place.incoming()), (1, 0));
}

#[test]
fn damaged_and_old_pages_of_an_interrupted_run_are_asked_for_again() {
    let broken = Arc::new(Mutex::new(true));
    let switch = Arc::clone(&broken);
    let server = Server::start(move |asked, _| match asked.page() {
        3 if *switch.lock().unwrap() => status(404),
        page => json(solutions(page, 3)),
    });
    let mut place = Place::new();
    place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap_err();
    let plans =
        std::fs::read_dir(place.folder.path().join("incoming")).unwrap().next().unwrap().unwrap().path();
    for file in std::fs::read_dir(plans).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (head, body) = text.split_once('\n').unwrap();
        let changed = if head.contains("page=1\"") {
            format!("{head}\n{}", &body[..body.len() / 2])
        } else {
            let year: String = Timestamp::now().to_string().chars().take(4).collect();
            format!("{}\n{body}", head.replace(&format!("\"at\":\"{year}"), "\"at\":\"2001"))
        };
        assert_ne!(changed, text);
        std::fs::write(&path, changed).unwrap();
    }
    *broken.lock().unwrap() = false;
    server.forget();
    place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap();
    assert_eq!(server.asked().iter().map(Asked::page).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn nothing_enters_where_pages_contradict_each_other() {
    type Play = fn(u64) -> String;
    let plays: [(&str, Play); 5] = [
        // The server ignores the number of the page.
        ("page=2`, page 2: found page 1 again", |_| solutions(1, 4)),
        // It counts on, and repeats the rows.
        ("page=3`, page 3: found the rows of page 2 again", |page| match page {
            3 => solutions(2, 4).replace("\"page\": 2", "\"page\": 3"),
            page => solutions(page, 4),
        }),
        ("page=3`, page 3: found 5 pages, where the first said 4", |page| {
            solutions(page, if page < 3 { 4 } else { 5 })
        }),
        ("page=2`, page 2: found no rows", |page| match page {
            2 => r#"{"page": 2, "maxPages": 4, "items": []}"#.into(),
            page => solutions(page, 4),
        }),
        ("a row of AFG/2012, expected rows of countries=SYR only", |page| {
            solutions(page, 2).replace("\"SYR\"", if page == 2 { "\"AFG\"" } else { "\"SYR\"" })
        }),
    ];
    for (expected, play) in plays {
        let server = Server::start(move |asked, _| json(play(asked.page())));
        let mut place = Place::new();
        let error = place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        // Nothing is kept either: the next run starts anew.
        assert_eq!((place.snapshots(), place.incoming()), (0, 0), "{error}");
    }
}

#[test]
fn a_page_that_does_not_parse_leaves_nothing() {
    for cut in [
        "{\"page\": 1, \"maxPages\": 1, \"items\": [",
        "{\"page\": 1, \"maxPages\": 1, \"items\": [{\"year\": 2020}]}",
    ] {
        let server = Server::start(move |_, _| json(cut));
        let mut place = Place::new();
        assert!(place.sync(&server, "unhcr-solutions", &ask("SYR")).is_err());
        assert_eq!((place.snapshots(), place.incoming()), (0, 0));
    }
}

/// A page of the World Bank: one indicator of one country in one year.
fn bank(page: u64, pages: u64, total: u64) -> String {
    let year = 2020 + page;
    format!(
        r#"[{{"page": {page}, "pages": {pages}, "per_page": 1, "total": {total}, "sourceid": "2"}},
        [{{"indicator": {{"id": "SP.POP.TOTL", "value": "Population, total"}},
        "country": {{"id": "NE", "value": "Niger"}}, "countryiso3code": "NER", "date": "{year}",
        "value": 25000000, "unit": "", "obs_status": "", "decimal": 0}}]]"#
    )
}

#[test]
fn an_error_under_http_200_is_an_error() {
    const MESSAGE: &str = r#"[{"message":[{"id":"120","key":"Invalid value","value":"The provided parameter value is not valid"}]}]"#;
    let sources = ["worldbank-wdi", "iom-missing-migrants", "inform-risk"];
    for source in sources {
        let server = Server::start(|_, _| json(MESSAGE));
        let mut place = Place::new();
        let error = place.sync(&server, source, &Ask::new(2026)).unwrap_err();
        assert!(matches!(&error, SourceError::Publisher { source_id, .. } if source_id == source), "{error}");
        assert!(
            error.to_string().contains("Invalid value: The provided parameter value is not valid (id 120)"),
            "{error}"
        );
        assert_eq!((place.snapshots(), place.incoming()), (0, 0));
    }
    let server = Server::start(|_, _| json(r#"{"error": "Too many parameters"}"#));
    let error = Place::new().sync(&server, "unhcr-population", &ask("SYR")).unwrap_err().to_string();
    assert_eq!(error, "unhcr-population answered: Too many parameters");
    // Also on a later page.
    let server =
        Server::start(|asked, _| json(if asked.page() == 1 { bank(1, 2, 2) } else { MESSAGE.into() }));
    let mut place = Place::new();
    assert!(matches!(place.sync(&server, "worldbank-wdi", &ask("NER")), Err(SourceError::Publisher { .. })));
    assert_eq!(place.snapshots(), 0);
}

#[test]
fn the_world_bank_pages_and_counts() {
    let server = Server::start(|asked, _| json(bank(asked.page(), 2, 2)));
    let mut place = Place::new();
    let fetched = place.sync(&server, "worldbank-wdi", &ask("NER")).unwrap();
    let snapshot = fetched[0].snapshot();
    assert_eq!((snapshot.records, snapshot.parts.len()), (2, 2));
    assert!(server.asked()[1].url.contains("/v2/country/NER/indicator/"));
    assert_eq!(server.asked()[1].parameter("source"), Some("2"));
    // A row too few.
    let server = Server::start(|asked, _| json(bank(asked.page(), 2, 3)));
    let mut place = Place::new();
    let error = place.sync(&server, "worldbank-wdi", &ask("NER")).unwrap_err().to_string();
    assert!(error.contains("found 2 rows, expected 3"), "{error}");
    assert_eq!(place.snapshots(), 0);
    // No row at all is an answer.
    let server = Server::start(|_, _| json(r#"[{"page": 0, "pages": 0, "per_page": 0, "total": 0}, null]"#));
    let mut place = Place::new();
    assert_eq!(place.sync(&server, "worldbank-wdi", &ask("NER")).unwrap()[0].snapshot().records, 0);
}

#[test]
fn unchanged_pages_bring_no_snapshot() {
    // The second page can change; its etag says so.
    let version = Arc::new(Mutex::new(1));
    let current = Arc::clone(&version);
    let server = Server::start(move |asked, _| {
        let page = asked.page();
        let version = if page == 2 { *current.lock().unwrap() } else { 1 };
        let etag = format!("\"{page}-{version}\"");
        if asked.header("if-none-match") == Some(etag.as_str()) {
            return status(304);
        }
        json(
            solutions(page, 3)
                .replace("\"returned_refugees\": 12", &format!("\"returned_refugees\": {version}")),
        )
        .with("ETag", etag)
    });
    let mut place = Place::new();
    let first = place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap();
    assert!(matches!(first[0], Fetched::Added(_)));

    let second = place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap();
    let [Fetched::Unchanged(snapshot)] = &second[..] else { panic!("{second:?}") };
    assert_eq!(snapshot.id, first[0].snapshot().id);
    assert_eq!(place.snapshots(), 1);
    assert_eq!(server.asked().len(), 6);

    *version.lock().unwrap() = 2;
    let third = place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap();
    let [Fetched::Added(snapshot)] = &third[..] else { panic!("{third:?}") };
    assert_eq!(place.snapshots(), 2);
    let etags: Vec<_> = snapshot.parts.iter().map(|p| p.etag.clone().unwrap()).collect();
    assert_eq!(etags, ["\"1-1\"", "\"2-2\"", "\"3-1\""]);
    assert_eq!(snapshot.parts[0].object, first[0].snapshot().parts[0].object);

    // The same addresses, asked as a question with other years: another snapshot, from the bytes that are held.
    let named = Ask { from_year: Some(1951), ..ask("SYR") };
    let fourth = place.sync(&server, "unhcr-solutions", &named).unwrap();
    assert!(
        matches!(&fourth[0], Fetched::Added(s) if s.coverage.period.is_some_and(|p| p.first_year() == 1951)),
        "{fourth:?}"
    );
}

#[test]
fn the_same_bytes_bring_no_snapshot() {
    let server = Server::start(|asked, _| json(solutions(asked.page(), 2)));
    let mut place = Place::new();
    place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap();
    let again = place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap();
    assert!(matches!(again[..], [Fetched::Unchanged(_)]));
    assert_eq!(place.snapshots(), 1);
}

#[test]
fn validators_that_mislead_are_done_without() {
    // The first page is called unchanged, though there is another page now.
    let pages = Arc::new(Mutex::new(2));
    let current = Arc::clone(&pages);
    let server = Server::start(move |asked, _| match (asked.page(), asked.header("if-none-match")) {
        (1, Some(_)) => status(304),
        (page, _) => json(solutions(page, *current.lock().unwrap())).with("ETag", "\"same\""),
    });
    let mut place = Place::new();
    place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap();
    *pages.lock().unwrap() = 3;
    let fetched = place.sync(&server, "unhcr-solutions", &ask("SYR")).unwrap();
    assert!(matches!(&fetched[0], Fetched::Added(s) if s.parts.len() == 3), "{fetched:?}");
}

#[test]
fn missing_migrants_come_year_by_year() {
    let row = |year: &str| {
        format!(
            r#"[{{"web_id": "{year}.MMP1", "reported_date": "{year}-05-01", "number_dead": "1", "number_missing": "2",
            "total_dead_and_missing": "3", "cause_death": "Drowning", "country_of_incident": "Libya",
            "migration_route": "", "location_coodinates": "33.5, 13.0", "country_origin": "Unknown"}}]"#
        )
    };
    let server = Server::start(move |asked, n| {
        let year = asked.url.trim_start_matches("/global-figures/").trim_end_matches("/json").to_owned();
        // The year in hand has no incident yet; the one before breaks the first time.
        match (year.as_str(), n) {
            ("2026", _) => json("[]"),
            ("2025", 1..=3) => status(500),
            (year, _) => json(row(year)),
        }
    });
    let mut place = Place::new();
    let ask = Ask { from_year: Some(2024), ..Ask::new(2026) };
    // 2024 is whole, and still does not enter without 2025.
    assert!(place.sync(&server, "iom-missing-migrants", &ask).is_err());
    assert_eq!((place.snapshots(), place.incoming()), (0, 1));
    let fetched = place.sync(&server, "iom-missing-migrants", &ask).unwrap();
    let found: Vec<_> = fetched
        .iter()
        .map(|f| (f.snapshot().coverage.period.unwrap().first_year(), f.snapshot().records))
        .collect();
    assert_eq!(found, [(2024, 1), (2025, 1), (2026, 0)]);
    assert_eq!(server.asked().iter().filter(|a| a.url.contains("2024")).count(), 1);
}

/// A page of UCDP's events.
fn events(page: u64, pages: u64, next: &str) -> String {
    format!(
        r#"{{"TotalCount": {pages}, "TotalPages": {pages}, "PreviousPageUrl": "", "NextPageUrl": "{next}", "Result": [
        {{"id": {page}, "year": 2023, "type_of_violence": 1, "where_prec": 1, "adm_1": "Khartoum state",
        "country_id": 625, "date_start": "2023-04-15", "date_end": "2023-04-15", "best": 4, "low": 3, "high": 9,
        "deaths_civilians": 2}}]}}"#
    )
}

#[test]
fn events_come_with_a_token() {
    const SECRET: &str = "k3y-of-the-analyst";
    let server = Server::start(|asked, _| match asked.header("x-ucdp-access-token") {
        Some(SECRET) => {
            let page = asked.page();
            let next = if page < 2 {
                format!("https://ucdpapi.pcr.uu.se/api?pagesize=1000&page={}", page + 1)
            } else {
                String::new()
            };
            json(events(page, 3, &next))
        }
        Some(other) => reply(401, "application/json", format!("{{\"message\": \"{other}?\"}}")),
        None => status(401),
    });
    let mut place = Place::new();
    let error = place.sync(&server, "ucdp-ged", &ask("SDN")).unwrap_err().to_string();
    assert!(error.contains("`WEGEN_UCDP_TOKEN` is not set"), "{error}");
    assert!(server.asked().is_empty());

    let wrong = Ask { ucdp_token: Token::new("an-0ld-key"), ..ask("SDN") };
    let error = place.sync(&server, "ucdp-ged", &wrong).unwrap_err().to_string();
    assert!(
        error.contains("401") && error.contains("`WEGEN_UCDP_TOKEN`") && !error.contains("an-0ld-key"),
        "{error}"
    );
    assert_eq!(place.snapshots(), 0);

    let right = Ask { ucdp_token: Token::new(SECRET), ..ask("SDN") };
    server.forget();
    let fetched = place.sync(&server, "ucdp-ged", &right).unwrap();
    assert_eq!(fetched[0].snapshot().records, 3);
    let asked = server.asked();
    assert_eq!(asked.iter().map(Asked::page).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(asked.iter().all(|a| a.parameter("Country") == Some("625")), "{asked:?}");
    let held = serde_json::to_string(fetched[0].snapshot()).unwrap();
    assert!(!held.contains(SECRET) && !format!("{right:?}").contains(SECRET));

    // A server that counts pages from 1 would give the first twice.
    let server =
        Server::start(|_, _| json(events(1, 3, "https://ucdpapi.pcr.uu.se/api?pagesize=1000&page=2")));
    let mut place = Place::new();
    let error = place.sync(&server, "ucdp-ged", &right).unwrap_err().to_string();
    assert!(error.contains("found page 2 next, expected page 1 next"), "{error}");
    // A message that repeats the token does not bring it into the error.
    let server = Server::start(|_, _| json(format!("{{\"message\": \"{SECRET} is used up\"}}")));
    let error = place.sync(&server, "ucdp-ged", &right).unwrap_err().to_string();
    assert_eq!(error, "ucdp-ged answered: … is used up");
    assert_eq!(place.snapshots(), 0);
}

#[test]
fn recorded_answers_are_read_as_they_came() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/api-payloads");
    let recorded = |name: &str| std::fs::read(folder.join(name));
    let (Ok(inform), Ok(migrants), Ok(population), Ok(error)) = (
        recorded("inform_trends_sample.json"),
        recorded("iom_mmp_global-figures_2025_first3.json"),
        recorded("constructed/unhcr_population_v1.json"),
        recorded("worldbank_v2_error_http200.json"),
    ) else {
        eprintln!("skipped: no recorded answers at {}", folder.display());
        return;
    };
    let server = Server::start(move |asked, _| {
        json(match asked.url.as_str() {
            url if url.contains("informapi") => inform.clone(),
            url if url.contains("global-figures/2025") => migrants.clone(),
            url if url.contains("/population/v1/population/") => population.clone(),
            _ => error.clone(),
        })
    });
    let mut place = Place::new();
    let inform = place.sync(&server, "inform-risk", &Ask::new(2026)).unwrap();
    assert_eq!(
        (inform[0].snapshot().capture.as_str(), &inform[0].snapshot().coverage.countries),
        ("api trends", &None)
    );
    assert!(inform[0].snapshot().records > 0);
    let year = Ask { from_year: Some(2025), to_year: Some(2025), ..Ask::new(2026) };
    assert_eq!(place.sync(&server, "iom-missing-migrants", &year).unwrap()[0].snapshot().records, 3);
    assert_eq!(place.sync(&server, "unhcr-population", &ask("SYR")).unwrap()[0].snapshot().rows_read, 3);
    assert!(matches!(place.sync(&server, "worldbank-wdi", &ask("SYR")), Err(SourceError::Publisher { .. })));
    assert_eq!(place.snapshots(), 3);
}

#[test]
fn a_date_in_the_past_does_not_hold_us_up() {
    for text in ["Sun, 01 Mar 2020 12:00:00 GMT", "0", "soon", "-5"] {
        let server = Server::start(
            move |_, n| if n == 0 { status(503).with("Retry-After", text) } else { json("[1]") },
        );
        let started = Instant::now();
        assert_eq!(bytes(get(&server.base()).unwrap()), b"[1]", "{text}");
        assert!(started.elapsed() < Duration::from_millis(900), "{text}");
    }
}

#[test]
fn content_types_are_taken_for_what_they_can_be() {
    let ask = |content_type: &'static str, body: &'static str, expected: Expected| {
        let server = Server::start(move |_, _| reply(200, content_type, body));
        let request = Request::new(format!("{}/table", server.base()), expected);
        Client::new(quick()).get(&request, &Validators::default()).map_err(|e| e.to_string())
    };
    for good in ["application/json; charset=utf-8", "application/geo+json", "text/json", "text/plain"] {
        assert!(ask(good, "\u{feff} [1]", Expected::Json).is_ok(), "{good}");
    }
    for good in ["text/csv; charset=utf-8", "text/plain", "application/octet-stream"] {
        assert!(ask(good, "a,b\n", Expected::Csv).is_ok(), "{good}");
    }
    assert!(ask("application/zip", "PK", Expected::Any).is_ok());
    assert!(
        ask("text/csv", "a,b\n", Expected::Json).unwrap_err().contains("found content of type `text/csv`")
    );
    assert!(ask("text/plain", "a,b\n", Expected::Json).unwrap_err().contains("no JSON array or object"));
    assert!(ask("text/plain", "<!doctype html>", Expected::Csv).unwrap_err().contains("HTML"));
    assert!(ask("application/json", " ", Expected::Json).unwrap_err().contains("an empty body"));
}

#[test]
fn compressed_bodies_are_unpacked_up_to_the_limit() {
    let text = format!("[{}1]", "1,".repeat(5000));
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(text.as_bytes()).unwrap();
    let packed = writer.finish().unwrap();
    assert!(packed.len() < 1000);
    let server = Server::start(move |_, _| json(packed.clone()).with("Content-Encoding", "gzip"));
    assert_eq!(bytes(get(&server.base()).unwrap()), text.as_bytes());
    let client = Client::new(Politeness { max_body: 1000, ..quick() });
    let request = Request::new(format!("{}/table", server.base()), Expected::Json);
    let error = client.get(&request, &Validators::default()).unwrap_err().to_string();
    assert!(error.contains("more than 1000 bytes"), "{error}");
}

#[test]
fn the_defaults_are_polite() {
    assert!(Politeness::default().min_interval >= Duration::from_secs(1));
    assert_eq!(Token::new("  "), None);
}

// Plans: nothing is sent.

fn urls(source: &str, ask: &Ask) -> Vec<String> {
    plan(source, ask).unwrap().first_requests().into_iter().map(|r| r.url).collect()
}

#[test]
fn plans_ask_what_is_wanted() {
    let syria = Ask { country: Some(Code::new("SYR").unwrap()), ..Ask::new(2026) };
    assert_eq!(
        urls("unhcr-population", &Ask { from_year: Some(2020), ..syria.clone() }),
        ["https://api.unhcr.org/population/v1/population/?limit=1000&cf_type=ISO&coo=SYR&coa_all=true\
          &yearFrom=2020&yearTo=2026&page=1"]
    );
    assert_eq!(
        urls("ucdp-ged", &syria),
        ["https://ucdpapi.pcr.uu.se/api/gedevents/26.1?pagesize=1000&Country=652&page=0"]
    );
    let bank = urls("worldbank-wdi", &Ask { from_year: Some(2000), to_year: Some(2025), ..syria.clone() });
    assert_eq!(bank.len(), 1);
    assert!(bank[0].starts_with("https://api.worldbank.org/v2/country/SYR/indicator/"), "{bank:?}");
    assert!(bank[0].contains("EG.ELC.ACCS.ZS;") && !bank[0].contains("INFORM"), "{bank:?}");
    assert!(bank[0].ends_with("?format=json&per_page=20000&source=2&date=2000:2025&page=1"), "{bank:?}");
    assert_eq!(
        urls("inform-risk", &syria),
        ["https://drmkc.jrc.ec.europa.eu/inform-index/api/informapi/countries/trends?workflowid=493"]
    );
}

#[test]
fn what_is_asked_is_covered() {
    let niger = Code::new("NER").unwrap();
    let ask = Ask { country: Some(niger), from_year: Some(2013), to_year: Some(2015), ..Ask::new(2026) };
    let covers = |source: &str| -> Vec<String> {
        plan(source, &ask).unwrap().questions.iter().map(|q| q.coverage.to_string()).collect()
    };
    assert_eq!(covers("unhcr-solutions"), ["countries=NER;period=2013..2015"]);
    assert_eq!(covers("iom-missing-migrants"), ["period=2014", "period=2015"]);
    assert_eq!(covers("ucdp-ged"), ["countries=NER;period=1989..2025"], "all years of the release");
    assert_eq!(covers("inform-risk"), ["all"]);
    assert_eq!(plan("iom-missing-migrants", &Ask::new(2026)).unwrap().questions.len(), 13);
}

#[test]
fn every_source_can_be_fetched_or_says_why_not() {
    for source in sources().all() {
        match plan(&source.id, &Ask::new(2026)) {
            Ok(plan) => assert!(!plan.questions.is_empty() && only_by_import(&source.id).is_none()),
            Err(error) => {
                let error = error.to_string();
                assert!(only_by_import(&source.id).is_some(), "{error}");
                assert!(error.contains("wegen import") && error.starts_with("https://"), "{error}");
            }
        }
    }
    assert!(matches!(plan("nobody", &Ask::new(2026)), Err(SourceError::UnknownSource(_))));
    let backwards = Ask { from_year: Some(2020), to_year: Some(2010), ..Ask::new(2026) };
    assert!(plan("unhcr-population", &backwards).is_err());
}
