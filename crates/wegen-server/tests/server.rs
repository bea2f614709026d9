//! What the server answers: the same figures as everywhere, the rules that protect people on every route, and no way to
//! break it from outside.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use proptest::prelude::*;
use serde_json::Value as Json;
use tower::ServiceExt;
use wegen_ledger::Ledger;
use wegen_model::{Lang, not_for_individual_decisions, verdicts};
use wegen_server::{Config, Site, router, serve};

/// A ledger with the starter evidence, made once for all tests.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut ledger = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    folder
});

static SITE: LazyLock<Arc<Site>> = LazyLock::new(|| {
    Arc::new(Site::open(Config { ledger: FOLDER.clone(), sql: true, rate: None, base: None }).unwrap())
});

struct Got {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Got {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

async fn ask(site: &Arc<Site>, request: Request<Body>) -> Got {
    let answer = router(site.clone()).oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    Got {
        status: parts.status,
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    }
}

async fn get(path: &str) -> Got {
    ask(&SITE, Request::get(path).body(Body::empty()).unwrap()).await
}

async fn edition() -> String {
    get("/readyz").await.text().trim().rsplit(' ').next().unwrap().to_owned()
}

/// The addresses of the description, with parameters that hold something.
async fn described() -> Vec<String> {
    let record = get("/api/v1/editions/latest/figures/refugees@origin=SYR,year=2024/records?limit=1")
        .await
        .json()["records"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let parts: Vec<&str> = record.split('/').collect();
    let description = get("/api/openapi.json").await.json();
    let fill = |path: &String| {
        let further = match path.rsplit('/').next().unwrap() {
            "observations" => "?source=unhcr-population&indicator=refugees&place=SYR",
            "incidents" => "?source=iom-missing-migrants",
            "events" => "?source=ucdp-ged",
            "areas" => "?source=ocha-pcodes",
            "conditions-changes" => "?from=2018-12&to=2019-12",
            "sql" => "?q=SELECT%201",
            _ => "",
        };
        let path = path.replace("{edition}", "latest").replace("{country}", "SYR").replace("{area}", "SY07");
        let path = path.replace("{source}/{file}", "gapminder/observations.csv");
        let path = path.replace("{claim}", "refugees@origin=SYR,year=2024").replace("{snapshot}", parts[0]);
        format!("{}{further}", path.replace("{kind}", parts[1]).replace("{n}", parts[2]))
    };
    description["paths"].as_object().unwrap().keys().map(fill).collect()
}

#[tokio::test]
async fn every_address_that_is_described_answers_and_says_who_it_is_not_for() {
    let all = described().await;
    assert!(all.len() >= 22, "{all:?}");
    for path in all {
        let got = get(&path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
        assert_eq!(got.headers["not-for-individual-decisions"], "true");
        let kind = got.header(header::CONTENT_TYPE).to_owned();
        if kind.contains("json") {
            let json = got.json();
            assert_eq!(json["not_for_individual_decisions"], true, "{path}");
            assert_eq!(json["edition"].as_str().unwrap_or_default().len(), 16, "{path}");
        }
        // A claim is no verdict, and neither is anything else that is answered.
        if !kind.contains("sqlite") {
            assert_eq!(verdicts(&got.text()), [], "{path}");
        }
    }
}

/// R7: nothing is asked about a person. R8: pages of lists have an end.
#[tokio::test]
async fn no_parameter_takes_an_attribute_of_a_person_and_every_list_has_a_limit() {
    let description = get("/api/openapi.json").await.json();
    assert_eq!(description["openapi"], "3.1.0");
    let forbidden = [
        "name",
        "birth",
        "age",
        "sex",
        "gender",
        "nationality",
        "passport",
        "religion",
        "ethnic",
        "family",
        "person",
        "case",
        "phone",
        "email",
        "score",
        "risk",
        "lat",
        "lon",
        "bbox",
        "profile",
        "id_number",
    ];
    for (path, item) in description["paths"].as_object().unwrap() {
        assert_eq!(item.as_object().unwrap().keys().collect::<Vec<_>>(), ["get"], "{path}: only reading");
        for parameter in item["get"]["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let words: Vec<&str> = name.split(['_', '-']).collect();
            assert!(!forbidden.iter().any(|f| words.contains(f)), "{path}: `{name}`");
            if name == "limit" {
                assert!(parameter["schema"]["maximum"].is_number(), "{path}: a limit without an end");
            }
        }
    }
    for path in [
        "observations?source=unhcr-population&place=SYR&limit=1001",
        "figures/refugees@origin=SYR/records?limit=201",
    ] {
        assert_eq!(
            get(&format!("/api/v1/editions/latest/{path}")).await.status,
            StatusCode::BAD_REQUEST,
            "{path}"
        );
    }
}

/// R4: no number pair that is a place has more than two decimals, and only boundaries have any.
#[tokio::test]
async fn places_are_coarse() {
    fn walk(value: &Json, coordinates: bool, path: &str) {
        match value {
            Json::Number(n) if coordinates => {
                let decimals = n.to_string().split('.').nth(1).map_or(0, str::len);
                assert!(decimals <= 2, "{path}: {n}");
            }
            Json::Array(all) => all.iter().for_each(|v| walk(v, coordinates, path)),
            Json::Object(map) => map.iter().for_each(|(name, v)| {
                let fine = ["latitude", "longitude", "lat", "lon", "x", "y", "cell"].contains(&name.as_str());
                assert!(!fine, "{path}: `{name}`");
                walk(v, coordinates || name == "coordinates", path);
            }),
            _ => {}
        }
    }
    let mut paths = described().await;
    paths.push("/api/v1/editions/latest/countries/SYR/conditions?format=geojson&month=2019-12".to_owned());
    for path in paths.into_iter().filter(|p| !p.contains("sqlite")) {
        let got = get(&path).await;
        if got.header(header::CONTENT_TYPE).contains("json") {
            walk(&got.json(), false, &path);
        }
    }
}

/// R3: where simulated people are few, the interface says that it is withheld and not how few.
#[tokio::test]
async fn few_people_are_withheld() {
    let mut withheld = 0;
    for scenario in ["SYR-ceasefire-north-west", "SYR-conflict-goes-on"] {
        let path = format!("/api/v1/editions/latest/figures/simulated@country=SYR,scenario={scenario}");
        for cell in get(&path).await.json()["cells"].as_array().unwrap() {
            let few = cell["value"].as_f64().is_some_and(|n| n > 0.0 && n <= 10.0);
            assert!(!few, "{cell}");
            withheld += usize::from(cell["missing"] == "withheld");
        }
    }
    assert!(withheld > 0);
}

/// R10 and R11: rows that may not be passed on stay here, and what is passed on bears its attribution.
#[tokio::test]
async fn licence_and_attribution_travel() {
    let got = get("/api/v1/editions/latest/observations?source=insecurity-insight&place=SYR").await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(got.text().contains("may not be passed on"));
    let csv = get("/api/v1/editions/latest/observations?source=unhcr-population&indicator=refugees&place=SYR&format=hxl").await;
    let text = csv.text();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().ends_with("attribution,not_for_individual_decisions"));
    assert!(lines.next().unwrap().starts_with("#indicator+code,#country+code+origin"));
    let rows: Vec<&str> = lines.collect();
    assert!(
        rows.len() == 100
            && rows.iter().all(|r| r.contains("UNHCR Refugee Population Statistics") && r.ends_with(",true"))
    );
}

#[tokio::test]
async fn figures_are_those_of_their_publishers() {
    // UNHCR’s refugees from Syria in the Netherlands at the end of 2025.
    let json = get("/api/v1/editions/latest/figures/refugees@host=NLD,origin=SYR,year=2025").await.json();
    assert_eq!(json["cells"][0]["value"], 74_805.0);
    let records =
        get("/api/v1/editions/latest/figures/refugees@host=NLD,origin=SYR,year=2025/records").await.json();
    assert_eq!(records["page"]["total"], 1);
    assert_eq!(records["records"][0]["row"]["value"], "74805");
    // The page, the interface and the report show the same.
    let page = get(&format!("/en/e/{}/why?claim=refugees@host=NLD,origin=SYR,year=2025", edition().await))
        .await
        .text();
    assert!(page.contains("74,805") && page.contains("population.csv.gz"));
}

#[tokio::test]
async fn problems_say_what_was_found_and_what_to_do() {
    for (path, status, said) in [
        ("/api/v1/editions/latest/countries/XYZ", 404, "ISO 3166-1"),
        ("/api/v1/editions/0123456789abcdef", 404, "no edition"),
        ("/api/v1/editions/latest/countries/SYR/conditions?month=2019-13", 400, "YYYY-MM"),
        ("/api/v1/editions/latest/countries/SYR/conditions?level=9", 400, "1, 2 or 3"),
        ("/api/v1/editions/latest/countries/SYR/conditions?lvel=1", 400, "unknown field `lvel`"),
        ("/api/v1/editions/latest/countries/SYR/conditions/XX99", 404, "P-code"),
        ("/api/v1/editions/latest/figures/nothing@x=1", 404, "no recipe"),
        ("/api/v1/editions/latest/figures/refugees@origin=SYR,year=abc", 400, "year"),
        ("/api/v1/editions/latest/observations?source=nobody&place=SYR", 404, "no source"),
        ("/api/v1/editions/latest/observations?source=unhcr-population", 400, "an indicator or a place"),
        ("/api/v1/editions/latest/records/ffff/observation/1", 404, "no record"),
        ("/api/v1/nothing", 404, "nothing at"),
    ] {
        let got = get(path).await;
        assert_eq!(got.status.as_u16(), status, "{path}: {}", got.text());
        assert_eq!(got.header(header::CONTENT_TYPE), "application/problem+json", "{path}");
        assert_eq!(got.header(header::CACHE_CONTROL), "no-store");
        let json = got.json();
        assert_eq!(json["status"], status);
        assert!(json["detail"].as_str().unwrap().contains(said), "{path}: {json}");
    }
    let page = get("/nl/e/0123456789abcdef/SYR").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(
        page.text().contains("Hier is niets")
            && page.text().contains(&not_for_individual_decisions(Lang::Nl))
    );
}

#[tokio::test]
async fn forms_are_negotiated_and_answers_are_kept_by_edition() {
    let path = format!("/api/v1/editions/{}/countries/SYR/conditions", edition().await);
    let with = |name: header::HeaderName, value: &str| {
        Request::get(&path).header(name, value).body(Body::empty()).unwrap()
    };
    let csv = ask(&SITE, with(header::ACCEPT, "text/csv")).await;
    assert!(
        csv.header(header::CONTENT_TYPE).starts_with("text/csv") && csv.text().starts_with("code,name,month")
    );
    let map = ask(&SITE, with(header::ACCEPT, "application/geo+json")).await;
    assert_eq!(map.json()["features"].as_array().unwrap().len(), 14);
    assert_eq!(ask(&SITE, with(header::ACCEPT, "image/png")).await.status, StatusCode::NOT_ACCEPTABLE);
    let json = get(&path).await;
    assert_eq!(json.header(header::CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert_eq!(json.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    let again = ask(&SITE, with(header::IF_NONE_MATCH, json.header(header::ETAG))).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let packed = ask(&SITE, with(header::ACCEPT_ENCODING, "gzip")).await;
    assert_eq!(packed.header(header::CONTENT_ENCODING), "gzip");
    assert!(packed.body.len() * 3 < json.body.len());
    let mut whole = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed.body[..]), &mut whole).unwrap();
    assert_eq!(whole, json.text());
    assert_eq!(get("/api/v1/editions/latest/countries/SYR").await.header(header::CACHE_CONTROL), "no-cache");
}

#[tokio::test]
async fn nothing_can_be_written_and_every_page_is_shut_to_others() {
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let request =
            Request::builder().method(&method).uri("/api/v1/editions").body(Body::from("x")).unwrap();
        let got = ask(&SITE, request).await;
        assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(got.header(header::ALLOW), "GET, HEAD, OPTIONS");
    }
    assert_eq!(get(&format!("/en/?{}", "a".repeat(5_000))).await.status, StatusCode::URI_TOO_LONG);
    let id = edition().await;
    for path in
        ["", "SYR", "SYR/areas/SY07", "SYR/compare", "sources", "why?claim=refugees@origin=SYR,year=2024"]
    {
        let got = get(&format!("/en/e/{id}/{path}")).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        let policy = got.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(got.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let text = got.text();
        // Neither script nor style stands in the page.
        let inline =
            text.split("<script").skip(1).any(|s| !s.split('>').next().unwrap().contains(" src=\"/assets/"));
        assert!(
            !inline && !text.contains("<style") && !text.contains(" style=\"") && !text.contains(" onclick"),
            "{path}"
        );
    }
    let report = get(&format!("/en/e/{id}/SYR/report.html")).await;
    assert!(!report.header(header::CONTENT_SECURITY_POLICY).contains("script-src"));
}

#[tokio::test]
async fn pages_say_the_same_in_both_languages_and_judge_nobody() {
    let id = edition().await;
    let paths = [
        "",
        "SYR",
        "MLI",
        "SYR?month=2018-06&criterion=violence&level=1",
        "SYR/areas/SY07?month=2019-12",
        "SYR/compare?what=months",
        "SYR/compare?what=areas&a=SY01&b=SY02",
        "SYR/compare?what=editions",
        "sources",
        "why?claim=refugees@origin=SYR,year=2024",
        "why?claim=events-by-area@country=SYR",
    ];
    for path in paths {
        let mut links = Vec::new();
        for lang in Lang::ALL {
            let got = get(&format!("/{lang}/e/{id}/{path}")).await;
            let text = got.text();
            if path.contains("criterion=violence") && got.status == StatusCode::BAD_REQUEST {
                assert!(text.contains("there is no criterion"));
                continue;
            }
            assert_eq!(got.status, StatusCode::OK, "{lang} {path}: {text}");
            assert!(text.contains(&format!("<html lang=\"{lang}\"")));
            assert!(text.contains(&not_for_individual_decisions(lang)), "{lang} {path}");
            assert_eq!(verdicts(&text), [], "{lang} {path}");
            // A message without words is shown by its name.
            assert!(!text.contains(">web-") && !text.contains("\"web-loading\":\"web"), "{lang} {path}");
            let own: BTreeSet<String> = text
                .split("why?claim=")
                .skip(1)
                .filter_map(|t| t.split('"').next())
                .map(str::to_owned)
                .collect();
            links.push(own);
        }
        assert!(links.windows(2).all(|w| w[0] == w[1]), "{path}");
    }
}

#[tokio::test]
async fn an_edition_goes_along_as_one_file_without_what_may_not_be_passed_on() {
    let got = get("/api/v1/editions/latest/edition.sqlite").await;
    assert!(got.body.starts_with(b"SQLite format 3\0"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("edition.sqlite");
    std::fs::write(&path, &got.body).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    let count = |sql: &str| db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    let sum = count(
        "SELECT CAST(sum(value) AS INTEGER) FROM observations WHERE indicator = 'refugees' AND place = 'SYR' AND counterpart = 'NLD' AND year = 2025",
    );
    assert_eq!(sum, 74_805);
    assert_eq!(count("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
    assert_eq!(count("SELECT count(*) FROM notice WHERE text LIKE 'Not for individual decisions%'"), 1);
}

fn sql(query: &str) -> String {
    let coded: String = query.bytes().map(|b| format!("%{b:02X}")).collect();
    format!("/api/v1/editions/latest/sql?q={coded}")
}

#[tokio::test]
async fn sql_reads_the_views_and_nothing_else() {
    let got = get(&sql("SELECT counterpart, value FROM observations WHERE indicator = 'refugees' AND place = 'SYR' AND year = 2025 AND counterpart = 'NLD'")).await;
    assert_eq!(got.json()["rows"], serde_json::json!([["NLD", 74_805.0]]));
    let got =
        get(&sql("WITH x AS (SELECT DISTINCT source FROM snapshots) SELECT count(*) > 5 AS many FROM x"))
            .await;
    assert_eq!(got.json()["rows"], serde_json::json!([[1]]), "{}", got.text());
    for hostile in [
        "ATTACH DATABASE 'x.sqlite' AS x",
        "DETACH DATABASE main",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA query_only = OFF",
        "SELECT * FROM pragma_database_list",
        "SELECT load_extension('x.so')",
        "CREATE TABLE x (a)",
        "DROP VIEW observations",
        "INSERT INTO notice VALUES ('x')",
        "UPDATE snapshot SET source = 'x'",
        "DELETE FROM term",
        "VACUUM INTO 'x.sqlite'",
        "REINDEX",
        "ANALYZE",
        "BEGIN",
        "SAVEPOINT a",
        "SELECT * FROM term",
        "SELECT * FROM observation",
        "SELECT * FROM sqlite_schema",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('x.txt', 'x')",
        "SELECT hex(randomblob(1000000000))",
        "SELECT zeroblob(1000000000)",
        "SELECT printf('%1000000000d', 1)",
        "SELECT 1; SELECT 2",
        "",
        "SELECT ?1",
        "CREATE TEMP TABLE x AS SELECT 1",
        "EXPLAIN SELECT 1; DROP TABLE term",
        "SELECT * FROM json_each('[1]'), generate_series(1, 10)",
    ] {
        let got = get(&sql(hostile)).await;
        assert!([400, 200].contains(&got.status.as_u16()), "{hostile}: {} {}", got.status, got.text());
        if got.status == StatusCode::OK {
            // What is answered holds no row of a table, and no more than the statement's own numbers.
            let rows = got.json()["rows"].as_array().unwrap().len();
            assert!(rows <= 1 && hostile.starts_with("SELECT ?1"), "{hostile}: {}", got.text());
        }
    }
    // Without end, and returning without end.
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let got = get(&sql(endless)).await;
    assert!(
        got.status == StatusCode::BAD_REQUEST && got.text().contains("more than 3 seconds"),
        "{}",
        got.text()
    );
    let got = get(&sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"))
        .await
        .json();
    assert_eq!((got["rows"].as_array().unwrap().len(), &got["more"]), (1_000, &Json::Bool(true)));
    // The edition is what it was.
    assert_eq!(get(&sql("SELECT count(*) FROM notice WHERE text = 'x'")).await.json()["rows"][0][0], 0);
    let off =
        Arc::new(Site::open(Config { ledger: FOLDER.clone(), sql: false, rate: None, base: None }).unwrap());
    let got = ask(&off, Request::get(sql("SELECT 1")).body(Body::empty()).unwrap()).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn too_many_requests_from_one_address_are_told_to_wait() {
    let limited = Arc::new(
        Site::open(Config { ledger: FOLDER.clone(), sql: false, rate: Some(2), base: None }).unwrap(),
    );
    let router = router(limited);
    let from = |n: u8| axum::extract::ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, n], 9)));
    let mut refused = 0;
    for _ in 0..20 {
        let request = Request::get("/api/v1/editions").extension(from(1)).body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.headers()[header::RETRY_AFTER], "1");
            refused += 1;
        }
    }
    assert!(refused >= 10, "{refused}");
    let other = Request::get("/api/v1/editions").extension(from(2)).body(Body::empty()).unwrap();
    assert_eq!(router.oneshot(other).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_edition_appears_and_links_to_the_old_one_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    let config = Config { ledger: folder.path().to_owned(), sql: false, rate: None, base: None };
    let site = Arc::new(Site::open(config.clone()).unwrap());
    let page = |id: &str| {
        Request::get(format!("/api/v1/editions/{id}/figures/refugees@host=NLD,origin=SYR,year=2025"))
            .body(Body::empty())
            .unwrap()
    };
    let first = ask(&site, page("latest")).await;
    let id = first.headers["wegen-edition"].to_str().unwrap().to_owned();
    let head = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,returned_idps,stateless,ooc,oip,hst\n";
    let file = wegen_sources::File::new(
        "population.csv",
        format!("{head}2025,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,12345,1,0,0,0,0,0,,0\n"),
    );
    let draft = wegen_sources::draft(
        "unhcr-population",
        vec![file],
        "population.csv",
        "2026-12-01T00:00:00Z".parse().unwrap(),
    )
    .unwrap();
    ledger.add(draft).unwrap();
    assert!(site.refresh(&mut ledger).unwrap());
    let second = ask(&site, page("latest")).await;
    assert_eq!(second.json()["cells"][0]["value"], 12_345.0);
    let old = ask(&site, page(&id)).await;
    assert_eq!(
        (old.json()["cells"][0]["value"].clone(), old.headers[header::ETAG].clone()),
        (Json::from(74_805.0), first.headers[header::ETAG].clone())
    );
    // Another server over the same ledger knows both.
    let again = Arc::new(Site::open(config).unwrap());
    assert_eq!(ask(&again, page(&id)).await.body, old.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_listens_and_stops() {
    let running = serve(SITE.clone(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
    assert!(running.address.ip().is_loopback());
    let read = |request: &'static str, address| async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text).await;
        String::from_utf8_lossy(&text).into_owned()
    };
    let address = running.address;
    assert!(
        read("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", address)
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(read("GET /\u{1}bad HTTP/9\r\n\r\n", address).await.starts_with("HTTP/1.1 400"));
    running.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is asked, the answer is never a fault of ours.
    #[test]
    fn no_address_breaks_it(
        path in prop_oneof![
            "/[ -~]{0,60}",
            "/(en|nl|xx)/e/(latest|[0-9a-f]{16}|[^/ ]{0,20})/[A-Za-z]{0,4}",
            "/api/v1/editions/latest/(figures|countries|records|observations)(/[!-~]{0,30}){0,3}",
            "/en/e/latest/why\\?(claim|record)=[!-~]{0,50}",
            "/api/v1/editions/latest/countries/SYR/conditions\\?(month|level|lang|format|x)=[!-~]{0,20}",
            "/api/v1/editions/latest/observations\\?source=[a-z-]{0,20}&place=[!-~]{0,20}&limit=[0-9]{0,25}&offset=[0-9]{0,25}",
        ],
        accept in prop::option::of("[ -~]{0,40}"),
    ) {
        let Ok(uri) = path.parse::<axum::http::Uri>() else { return Ok(()) };
        let mut request = Request::get(uri);
        if let Some(accept) = accept {
            request = request.header(header::ACCEPT, accept);
        }
        let Ok(request) = request.body(Body::empty()) else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let got = runtime.block_on(ask(&SITE, request));
        prop_assert!(got.status.as_u16() < 500, "{path}: {} {}", got.status, got.text());
    }
}
