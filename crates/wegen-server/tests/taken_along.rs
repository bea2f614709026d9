//! What others take along: lists of every kind, whole files, the catalogue, and the description of the interface.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use serde_json::Value as Json;
use tower::ServiceExt;
use wegen_ledger::{Ledger, RecordFilter};
use wegen_model::{RecordKind, Sharing, sources};
use wegen_server::{Config, Site, router};

/// A ledger with the starter evidence, made once for all tests.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut ledger = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    folder
});

static SITE: LazyLock<Arc<Site>> = LazyLock::new(|| site(&FOLDER, None));

fn site(folder: &Path, base: Option<&str>) -> Arc<Site> {
    let base = base.map(|b| b.parse().unwrap());
    Arc::new(Site::open(Config { ledger: folder.to_owned(), sql: true, rate: None, base }).unwrap())
}

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

    /// The rows of a CSV, each field under its column's name.
    fn rows(&self) -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_reader(&self.body[..]).deserialize().collect::<Result<_, _>>().unwrap()
    }
}

async fn ask(site: &Arc<Site>, request: Request<Body>) -> Got {
    let answer = router(site.clone()).oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Got { status: parts.status, headers: parts.headers, body }
}

async fn get_of(site: &Arc<Site>, path: &str) -> Got {
    ask(site, Request::get(path).body(Body::empty()).unwrap()).await
}

async fn get(path: &str) -> Got {
    get_of(&SITE, &format!("/api/v1/editions/latest/{path}")).await
}

fn sum(
    rows: &[BTreeMap<String, String>],
    column: &str,
    own: impl Fn(&BTreeMap<String, String>) -> bool,
) -> f64 {
    rows.iter().filter(|r| own(r)).filter_map(|r| r[column].parse::<f64>().ok()).sum()
}

/// The catalogue, and every address in it that something can be fetched from.
async fn catalogue(site: &Arc<Site>, host: Option<&str>) -> (Json, Vec<String>) {
    let request = Request::get("/api/v1/editions/latest/catalogue");
    let request = host.into_iter().fold(request, |r, host| r.header(header::HOST, host));
    let catalogue = ask(site, request.body(Body::empty()).unwrap()).await.json();
    let mut addresses = BTreeSet::new();
    for dataset in catalogue["dcat:dataset"].as_array().unwrap() {
        for distribution in dataset["dcat:distribution"].as_array().into_iter().flatten() {
            for name in ["dcat:accessURL", "dcat:downloadURL"] {
                addresses.insert(distribution[name]["@id"].as_str().unwrap().to_owned());
            }
        }
    }
    (catalogue, addresses.into_iter().collect())
}

#[tokio::test]
async fn every_address_of_the_catalogue_answers_with_all_rows_that_may_be_passed_on() {
    let (_, addresses) = catalogue(&SITE, None).await;
    let ledger = Ledger::open(&FOLDER).unwrap();
    let edition = ledger.edition(None).unwrap();
    let mut kinds = BTreeSet::new();
    for address in &addresses {
        let got = get_of(&SITE, address).await;
        assert_eq!(got.status, StatusCode::OK, "{address}: {}", got.text());
        assert!(got.header(header::CONTENT_TYPE).starts_with("text/csv"), "{address}");
        let (source, file) = address.split_once("/sources/").unwrap().1.split_once('/').unwrap();
        let (evidence, all) = (ledger.evidence(&edition), RecordFilter::of(source));
        let expected = match file {
            "observations.csv" => evidence.observations(&all).unwrap().len(),
            "incidents.csv" => evidence.incidents(&all).unwrap().len(),
            "events.csv" => evidence.events(&all).unwrap().len(),
            "areas.csv" => evidence.areas(&all).unwrap().len(),
            other => panic!("{other}"),
        };
        let rows = got.rows();
        assert_eq!(rows.len(), expected, "{address}");
        let ids: BTreeSet<&str> = rows.iter().map(|r| &*r["record"]).collect();
        assert_eq!(ids.len(), rows.len(), "{address}: each record once");
        let own = &sources().get(source).unwrap().attribution;
        assert!(rows.iter().all(|r| r["attribution"] == *own && r["not_for_individual_decisions"] == "true"));
        kinds.insert(file.to_owned());
    }
    assert_eq!(kinds.len(), RecordKind::ALL.len(), "{kinds:?}");
    // Of each source that is held and whose rows may be passed on, and of no other.
    let listed: BTreeSet<&str> =
        addresses.iter().map(|a| a.split("/sources/").nth(1).unwrap().split('/').next().unwrap()).collect();
    let may: BTreeSet<&str> = sources()
        .all()
        .iter()
        .filter(|s| s.licence.sharing == Sharing::Rows && !edition.of(&s.id).is_empty())
        .map(|s| &*s.id)
        .collect();
    assert_eq!(listed, may);
    assert!(may.len() >= 18, "{may:?}");
}

#[tokio::test]
async fn whole_files_hold_the_publishers_own_sums() {
    // IOM’s dead and missing: 55,310 in 2014–2022, 8,755 in 2023, 9,191 in 2024, by its own package of April 2025.
    let rows = get("sources/iom-missing-migrants/incidents.csv").await.rows();
    let year = |r: &BTreeMap<String, String>| r["counted_year"].parse::<i32>().unwrap();
    assert_eq!(sum(&rows, "total", |r| year(r) <= 2022), 55_310.0);
    assert_eq!(sum(&rows, "total", |r| year(r) == 2023), 8_755.0);
    assert_eq!(sum(&rows, "total", |r| year(r) == 2024), 9_191.0);
    // UNHCR’s refugees from Syria in the Netherlands at the end of 2025.
    let rows = get("sources/unhcr-population/observations.csv").await.rows();
    let own = |r: &BTreeMap<String, String>| {
        r["INDICATOR"] == "refugees"
            && r["REF_AREA"] == "SYR"
            && r["COUNTERPART_AREA"] == "NLD"
            && r["TIME_PERIOD"] == "2025"
    };
    assert_eq!(sum(&rows, "OBS_VALUE", own), 74_805.0);
}

#[tokio::test]
async fn whole_files_are_kept_by_edition_and_asked_for_again_by_their_tag() {
    let first = get("sources/gapminder/observations.csv").await;
    assert_eq!(first.header(header::CACHE_CONTROL), "no-cache");
    let (id, tag) = (first.headers["wegen-edition"].to_str().unwrap(), first.header(header::ETAG));
    let path = format!("/api/v1/editions/{id}/sources/gapminder/observations.csv");
    let request = Request::get(&path).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
    let again = ask(&SITE, request).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(again.header(header::CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert_eq!(get_of(&SITE, &path).await.body, first.body);
    for (file, status) in [
        ("sources/gapminder/incidents.csv", 404),
        ("sources/gapminder/observations.xlsx", 404),
        ("sources/nobody/observations.csv", 404),
        ("sources/insecurity-insight/observations.csv", 403),
    ] {
        let got = get(file).await;
        assert_eq!(got.status.as_u16(), status, "{file}");
        assert_eq!(got.header(header::CONTENT_TYPE), "application/problem+json", "{file}");
    }
}

#[tokio::test]
async fn the_catalogue_is_linked_data_with_typed_dates_and_terms_of_the_eu() {
    let (all, _) = catalogue(&SITE, Some("wegen.example.org:8080")).await;
    let begins = "http://wegen.example.org:8080/api/v1/editions/";
    assert!(all["@id"].as_str().unwrap().starts_with(begins));
    assert_eq!(all["dct:publisher"]["@type"], "foaf:Agent");
    let mut ids = BTreeSet::new();
    for dataset in all["dcat:dataset"].as_array().unwrap() {
        let id = dataset["@id"].as_str().unwrap();
        assert!(id.starts_with(begins) && ids.insert(id), "{id}");
        assert_eq!(dataset["dct:publisher"]["@type"], "foaf:Agent", "{id}");
        assert!(!dataset["dct:publisher"]["foaf:name"].as_str().unwrap().is_empty());
        assert!(dataset["dct:license"]["@id"].as_str().unwrap().starts_with("https://"), "{id}");
        assert_eq!(dataset["dct:modified"]["@type"], "xsd:date", "{id}");
        let often = dataset["dct:accrualPeriodicity"]["@id"].as_str().unwrap();
        assert!(often.starts_with("http://publications.europa.eu/resource/authority/frequency/"), "{often}");
        for distribution in dataset["dcat:distribution"].as_array().into_iter().flatten() {
            assert!(ids.insert(distribution["@id"].as_str().unwrap()), "{id}");
            assert!(distribution["dcat:downloadURL"]["@id"].as_str().unwrap().starts_with(begins));
        }
    }
    let of = |id: &str| {
        let own = all["dcat:dataset"].as_array().unwrap().iter().find(|d| d["dct:identifier"] == id);
        own.unwrap()["dct:accrualPeriodicity"]["@id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    assert_eq!((&*of("iom-missing-migrants"), &*of("worldbank-wdi")), ("DAILY", "QUARTERLY"));
    assert_eq!((&*of("unhcr-population"), &*of("gapminder")), ("ANNUAL_2", "ANNUAL"));
}

#[tokio::test]
async fn addresses_begin_with_what_the_server_was_started_with_and_never_with_what_is_no_host() {
    let given = site(&FOLDER, Some("https://wegen.example.org/"));
    for host in [None, Some("elsewhere.example.org")] {
        let (_, addresses) = catalogue(&given, host).await;
        assert!(
            addresses.iter().all(|a| a.starts_with("https://wegen.example.org/api/v1/")),
            "{addresses:?}"
        );
    }
    let (_, addresses) = catalogue(&SITE, Some("a.org/\"x")).await;
    assert!(addresses.iter().all(|a| a.starts_with("/api/v1/")), "{addresses:?}");
    let described = get_of(&given, "/api/openapi.json").await.json();
    assert_eq!(described["servers"][0]["url"], "https://wegen.example.org");
}

#[tokio::test]
async fn a_source_without_observations_says_where_its_rows_are() {
    for (source, kind) in [
        ("iom-missing-migrants", "incidents"),
        ("ucdp-ged", "events"),
        ("ocha-pcodes", "areas"),
        ("naturalearth-countries", "areas"),
    ] {
        let got = get(&format!("observations?source={source}&place=LBY")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{source}: {}", got.text());
        assert_eq!(got.header(header::CONTENT_TYPE), "application/problem+json");
        let problem = got.json();
        assert!(problem["detail"].as_str().unwrap().contains("no observations"), "{problem}");
        // The hint is an address that answers.
        let address = problem["hint"].as_str().unwrap().split('`').nth(1).unwrap().to_owned();
        assert!(address.contains(kind), "{address}");
        let there = get_of(&SITE, &address).await;
        assert_eq!(there.status, StatusCode::OK, "{address}");
        assert!(!there.json()[kind].as_array().unwrap().is_empty(), "{address}");
    }
    let got = get("incidents?source=unhcr-population").await;
    assert!(
        got.status == StatusCode::NOT_FOUND && got.text().contains("observations?source=unhcr-population")
    );
    let got = get("observations?source=unhcr-population").await;
    let hint = got.json()["hint"].as_str().unwrap().split('`').nth(1).unwrap().to_owned();
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    assert_eq!(get_of(&SITE, &hint).await.status, StatusCode::OK, "{hint}");
    let got = get("observations?source=gapminder&indicator=refugees").await;
    assert!(
        got.status == StatusCode::NOT_FOUND && got.text().contains("holds no `refugees`"),
        "{}",
        got.text()
    );
    let got = get("events?source=insecurity-insight").await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn incidents_and_events_are_asked_by_country_and_year_page_by_page() {
    // UCDP’s best estimates for Syria, 2016 to 2019, are one list whatever the size of its pages.
    let (mut offset, mut paged) = (0, Vec::new());
    loop {
        let path = format!("events?source=ucdp-ged&country=SYR&from=2016&to=2019&limit=60&offset={offset}");
        let got = get(&path).await;
        let json = got.json();
        assert!(json["attribution"].as_str().unwrap().contains("UCDP"), "{json}");
        paged.extend(json["events"].as_array().unwrap().clone());
        match json["page"]["next_offset"].as_u64() {
            Some(next) => {
                let link = format!("<?source=ucdp-ged&country=SYR&from=2016&to=2019&limit=60&offset={next}>");
                assert_eq!(got.header(header::LINK), format!("{link}; rel=\"next\""));
                offset = next;
            }
            None => break,
        }
    }
    let whole = get("events?source=ucdp-ged&country=SYR&from=2016&to=2019&limit=1000").await.json();
    assert_eq!(whole["events"].as_array().unwrap(), &paged);
    assert!(paged.len() > 60 && paged.iter().all(|e| e["place"] == "SYR"));
    let csv =
        get("incidents?source=iom-missing-migrants&country=LBY&from=2020&to=2020&format=hxl&limit=1000")
            .await;
    let text = csv.text();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("counted_year,period,place,route"));
    assert!(lines.next().unwrap().starts_with("#date+year,#date+occurred,#country+code"));
    assert!(text.lines().count() > 10 && lines.all(|l| l.starts_with("2020,") && l.contains(",LBY,")));
    for (path, said) in [
        ("incidents?source=iom-missing-migrants&limit=1001", "1 to 1000"),
        ("incidents?source=iom-missing-migrants&country=L", "country `L`"),
        ("incidents?source=iom-missing-migrants&lat=33.5", "unknown field `lat`"),
        ("events?source=ucdp-ged&from=x", "invalid"),
        ("areas?source=ocha-pcodes&from=2020", "unknown field `from`"),
    ] {
        let got = get(path).await;
        assert!(got.status == StatusCode::BAD_REQUEST && got.text().contains(said), "{path}: {}", got.text());
    }
    let areas = get("areas?source=ocha-pcodes&country=SYR&level=1").await.json();
    assert_eq!(areas["page"]["total"], 14, "governorates of Syria");
}

/// R4: what leaves has countries, routes and areas, and neither points nor cells.
#[tokio::test]
async fn incidents_have_no_place_finer_than_a_country() {
    let json = get("incidents?source=iom-missing-migrants&limit=1000").await.json();
    for incident in json["incidents"].as_array().unwrap() {
        for name in incident.as_object().unwrap().keys() {
            assert!(!["cell", "latitude", "longitude", "coordinates"].contains(&name.as_str()), "{name}");
        }
        let record = incident["record"].as_str().unwrap();
        if record.ends_with("/0") || record.ends_with("/7") {
            let one = get(&format!("records/{record}")).await.json();
            assert!(one["row"]["total"].is_string() || one["row"]["incidents"].is_string(), "{one}");
            assert!(one["row"]["cell"].is_null(), "{one}");
        }
    }
}

/// R5: incidents of the month of the cut-off and of the month before it stay here, on every address alike.
#[tokio::test]
async fn incidents_of_late_stay_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let mut draft = wegen_ledger::Draft::new("iom-missing-migrants", "2026-06-10T00:00:00Z".parse().unwrap());
    draft.recorded = Some("2026-06-10T00:00:00Z".parse().unwrap());
    draft.licence = sources().get("iom-missing-migrants").unwrap().licence.clone();
    draft.parts.push(wegen_ledger::Part::new("incidents.csv", b"made up".to_vec()));
    let edition = {
        let package = Ledger::open(&FOLDER).unwrap();
        let all = package.edition(None).unwrap();
        let rows = package.evidence(&all).incidents(&RecordFilter::of("iom-missing-migrants")).unwrap();
        let months = ["2026-03", "2026-04", "2026-05", "2026-06-09"];
        for (row, month) in rows.into_iter().zip(months) {
            let mut incident = row.value;
            (incident.period, incident.year) = (Some(month.parse().unwrap()), 2026);
            draft.records.push(wegen_model::Record::Incident(incident)).unwrap();
        }
        ledger.add(draft).unwrap();
        ledger.edition(None).unwrap()
    };
    let site = site(folder.path(), None);
    let at = format!("/api/v1/editions/{}", edition.id());
    let json = get_of(&site, &format!("{at}/incidents?source=iom-missing-migrants")).await.json();
    assert_eq!((&json["page"]["total"], &json["held_back_after"]), (&Json::from(2), &Json::from("2026-04")));
    let file = get_of(&site, &format!("{at}/sources/iom-missing-migrants/incidents.csv")).await.rows();
    let periods: BTreeSet<&str> = file.iter().map(|r| &*r["period"]).collect();
    assert_eq!(periods, BTreeSet::from(["2026-03", "2026-04"]));
    let copy = get_of(&site, &format!("{at}/sql?q=SELECT%20count(*)%20FROM%20incidents")).await.json();
    assert_eq!(copy["rows"], serde_json::json!([[2]]));
    // Asked for one by one, they say no more than that they are there.
    let snapshot = edition.snapshots[0].id.to_string();
    let mut held_back = 0;
    for n in 0..4 {
        let one = get_of(&site, &format!("{at}/records/{}/incident/{n}", &snapshot[..12])).await.json();
        assert_eq!(one["held_back"], one["row"].is_null(), "{one}");
        held_back += usize::from(one["held_back"] == true);
    }
    assert_eq!(held_back, 2);
}

#[tokio::test]
async fn the_description_of_the_interface_is_whole() {
    let description = get_of(&SITE, "/api/openapi.json").await.json();
    assert_eq!(description["servers"][0]["url"], "/");
    let mut names = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        let get = &item["get"];
        let name = get["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "`{name}` is the name of two addresses");
        assert!(!get["summary"].as_str().unwrap().is_empty(), "{path}");
        for (status, response) in get["responses"].as_object().unwrap() {
            let said = response["description"].as_str().unwrap_or_default();
            assert!(!said.trim().is_empty(), "{path}: {status} has no description");
            assert!(response["content"].as_object().is_some_and(|c| !c.is_empty()), "{path}: {status}");
        }
        // What stands between braces is described, and nothing else is said to be part of the path.
        let parts: BTreeSet<&str> = path.split('{').skip(1).map(|p| p.split('}').next().unwrap()).collect();
        let parameters = get["parameters"].as_array().into_iter().flatten();
        let own: BTreeSet<&str> =
            parameters.filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap()).collect();
        assert_eq!(parts, own, "{path}");
    }
    fn references(value: &Json, found: &mut Vec<String>) {
        match value {
            Json::Object(map) => map.iter().for_each(|(name, v)| match (name.as_str(), v.as_str()) {
                ("$ref", Some(to)) => found.push(to.to_owned()),
                _ => references(v, found),
            }),
            Json::Array(all) => all.iter().for_each(|v| references(v, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(!found.is_empty());
    for to in found {
        let at = to.strip_prefix('#').unwrap_or_else(|| panic!("{to} leads outside"));
        assert!(description.pointer(at).is_some(), "{to} leads nowhere");
    }
}

/// What is described of an answer's members, and which must be there; members of parts that are put together count too.
fn members<'a>(
    all: &'a Json,
    schema: &'a Json,
    found: &mut BTreeMap<String, &'a Json>,
    must: &mut BTreeSet<String>,
) {
    if let Some(to) = schema["$ref"].as_str() {
        return members(all, all.pointer(&to[1..]).unwrap(), found, must);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        members(all, part, found, must);
    }
    found.extend(schema["properties"].as_object().into_iter().flatten().map(|(name, s)| (name.clone(), s)));
    must.extend(schema["required"].as_array().into_iter().flatten().map(|n| n.as_str().unwrap().to_owned()));
}

/// Lays an answer beside its description.
fn fits(all: &Json, schema: &Json, value: &Json, at: &str) {
    if let Some(either) = schema["oneOf"].as_array() {
        let own = either.iter().find(|s| (s["type"] == "null") == value.is_null());
        return fits(all, own.unwrap_or_else(|| panic!("{at}: {value}")), value, at);
    }
    let types: Vec<&str> = match &schema["type"] {
        Json::Array(types) => types.iter().map(|t| t.as_str().unwrap()).collect(),
        Json::String(one) => vec![one],
        _ => Vec::new(),
    };
    let own: &[&str] = match value {
        Json::Null => &["null"],
        Json::Bool(_) => &["boolean"],
        Json::Number(n) if n.is_f64() => &["number"],
        Json::Number(_) => &["integer", "number"],
        Json::String(_) => &["string"],
        Json::Array(_) => &["array"],
        Json::Object(_) => &["object"],
    };
    assert!(types.is_empty() || types.iter().any(|t| own.contains(t)), "{at}: {types:?}, found {value}");
    let (mut known, mut must) = (BTreeMap::new(), BTreeSet::new());
    members(all, schema, &mut known, &mut must);
    match value {
        Json::Object(map) if !known.is_empty() => {
            assert!(
                must.iter().all(|name| map.contains_key(name)),
                "{at}: of {must:?} found {:?}",
                map.keys()
            );
            for (name, v) in map {
                let described = known.get(name).unwrap_or_else(|| panic!("{at}: `{name}` is not described"));
                fits(all, described, v, &format!("{at}.{name}"));
            }
        }
        Json::Array(values) => values.iter().take(200).for_each(|v| fits(all, &schema["items"], v, at)),
        _ => {}
    }
}

#[tokio::test]
async fn the_main_answers_are_as_they_are_described() {
    let all = get_of(&SITE, "/api/openapi.json").await.json();
    let record =
        get("figures/refugees@origin=SYR,year=2024/records?limit=1").await.json()["records"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
    let record = format!("records/{record}");
    for (template, path) in [
        ("observations", "observations?source=unhcr-population&place=SYR"),
        ("observations", "observations?source=inform-risk&place=SYR"),
        ("incidents", "incidents?source=iom-missing-migrants&limit=1000"),
        ("events", "events?source=ucdp-ged"),
        ("areas", "areas?source=ocha-pcodes&country=SYR"),
        ("areas", "areas?source=naturalearth-admin1"),
        ("figures/{claim}", "figures/returns@origin=SYR"),
        ("figures/{claim}", "figures/refugees@origin=SYR,year=2024"),
        ("figures/{claim}", "figures/simulated@country=SYR,scenario=SYR-conflict-goes-on"),
        ("figures/{claim}/records", "figures/refugees@origin=SYR,year=2024/records"),
        ("figures/{claim}/records", "figures/missing-migrants@country=LBY/records"),
        ("records/{snapshot}/{kind}/{n}", &*record),
        ("sources", "sources"),
        ("", ""),
    ] {
        let (described, answer) = match template {
            "" => ("/api/v1/editions".to_owned(), get_of(&SITE, "/api/v1/editions").await),
            _ => (format!("/api/v1/editions/{{edition}}/{template}"), get(path).await),
        };
        let schema =
            &all["paths"][&described]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema["$ref"].is_string(), "{described}: {schema}");
        fits(&all, schema, &answer.json(), path);
    }
    let problem = get("observations?source=nobody").await.json();
    fits(&all, &all["components"]["schemas"]["Problem"], &problem, "Problem");
}

/// Every link within the interface that an answer gives leads somewhere.
#[tokio::test]
async fn links_within_the_interface_lead_somewhere() {
    fn links(value: &Json, found: &mut BTreeSet<String>) {
        match value {
            Json::String(text) if text.starts_with("/api/") || text.starts_with("/en/") => {
                found.insert(text.clone());
            }
            Json::Object(map) => map.values().for_each(|v| links(v, found)),
            Json::Array(all) => all.iter().for_each(|v| links(v, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    links(&get_of(&SITE, "/api/v1/editions").await.json(), &mut found);
    links(&get("countries/SYR").await.json(), &mut found);
    assert!(found.len() > 5, "{found:?}");
    for link in found.iter().filter(|l| !l.ends_with(".pdf")) {
        assert_eq!(get_of(&SITE, link).await.status, StatusCode::OK, "{link}");
    }
}

/// A key of a row may hold a slash: `Sert/Jafra`, `Sebha/El-Shate` and `El-Wahat/El-Kufra` are regions of Libya to OPHI.
#[tokio::test]
async fn a_slash_in_the_key_of_a_row_leads_to_its_records() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/ophi-mpi/ophi_subnational_deprivations_tidy_2024.csv"
    );
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("passed over: {path} is not here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let file = wegen_sources::File::new("ophi.csv", bytes);
    let retrieved = "2026-06-25T00:00:00Z".parse().unwrap();
    ledger.add(wegen_sources::draft("ophi-mpi", vec![file], "ophi.csv", retrieved).unwrap()).unwrap();
    let id = ledger.edition(None).unwrap().id();
    let site = site(folder.path(), None);
    let figure =
        get_of(&site, &format!("/api/v1/editions/{id}/figures/deprivations@country=LBY")).await.json();
    let cells = figure["cells"].as_array().unwrap();
    let own: Vec<&Json> = cells.iter().filter(|c| c["row"].as_str().unwrap().contains('/')).collect();
    let rows: BTreeSet<&str> = own.iter().map(|c| c["row"].as_str().unwrap()).collect();
    assert_eq!(rows.len(), 3, "{rows:?}");
    for cell in own.iter().filter(|c| !c["value"].is_null()) {
        let claim = format!(
            "deprivations@country=LBY#{}/{}",
            cell["row"].as_str().unwrap(),
            cell["column"].as_str().unwrap()
        );
        let coded = claim.replace('%', "%25").replace('#', "%23").replace(' ', "%20");
        // As the pages write it, and as a form or a program would.
        for coded in [coded.clone(), coded.replace('/', "%2F").replace('@', "%40").replace('=', "%3D")] {
            let got = get_of(&site, &format!("/en/e/{id}/why?claim={coded}")).await;
            assert_eq!(got.status, StatusCode::OK, "{coded}: {}", got.text());
            let record = cell["records"][0].as_str().unwrap();
            assert!(got.text().contains(record), "{coded}: {record}");
        }
    }
    // The links that the page on the country makes itself.
    let page = get_of(&site, &format!("/en/e/{id}/LBY")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let page = page.text();
    let links: BTreeSet<&str> = page
        .split("href=\"why?claim=")
        .skip(1)
        .filter_map(|t| t.split('"').next())
        .filter(|l| l.starts_with("deprivations") && l.contains("Jafra"))
        .collect();
    assert!(!links.is_empty());
    for link in links {
        assert_eq!(
            get_of(&site, &format!("/en/e/{id}/why?claim={link}")).await.status,
            StatusCode::OK,
            "{link}"
        );
    }
}

#[tokio::test]
async fn a_claim_is_read_however_its_address_is_coded() {
    let id = get("countries/SYR").await.json()["edition"].as_str().unwrap().to_owned();
    let claim = "returns@origin=SYR%232025/returned-refugees";
    for coded in [claim.to_owned(), claim.replace('/', "%2F")] {
        let got = get_of(&SITE, &format!("/en/e/{id}/why?claim={coded}")).await;
        assert_eq!(got.status, StatusCode::OK, "{coded}: {}", got.text());
    }
    // A row is a place of its table too; a year that it does not have is none.
    for (row, status) in [("2025", StatusCode::OK), ("1850", StatusCode::NOT_FOUND)] {
        let got = get_of(&SITE, &format!("/en/e/{id}/why?claim=returns@origin=SYR%23{row}")).await;
        assert_eq!(got.status, status, "{row}: {}", got.text());
    }
    // A parameter with a slash stays one part of the path.
    let got = get("figures/refugees@origin=SY%2FR,year=2024").await;
    assert!(got.status == StatusCode::BAD_REQUEST && got.text().contains("origin"), "{}", got.text());
}
