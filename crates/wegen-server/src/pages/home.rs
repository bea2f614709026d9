//! The first page: what this is and is not, the focus regions on a map and in a list.

use std::collections::BTreeMap;

use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
    response::Response,
};
use maud::html;
use wegen_ledger::RecordFilter;
use wegen_model::{Code, FocusRegion, countries, indicators, not_for_individual_decisions};

use super::{
    Asking, Frame, Page,
    map::{Spot, draw},
    region_id,
};
use crate::{answer::Made, ask::At, error::Problem, site::App};

const REGIONS: [FocusRegion; 5] = [
    FocusRegion::MiddleEast,
    FocusRegion::NorthAfrica,
    FocusRegion::Sahel,
    FocusRegion::EastAfrica,
    FocusRegion::Afghanistan,
];

/// The part of the world in which the focus regions lie.
const FRAME: [f64; 4] = [-19.0, -13.0, 76.0, 43.0];

pub(crate) async fn home(
    State(app): State<App>,
    headers: HeaderMap,
    At((lang, edition)): At<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Page> {
    Asking::of(&lang, &edition, &uri)?.answer(&app, &headers, page).await
}

/// People of each origin, of one indicator in the last year that is held; a country without a row is not there.
fn totals(frame: &Frame<'_>, indicator: &str, year: i32) -> Result<BTreeMap<Code, f64>, Problem> {
    let mut all = BTreeMap::new();
    let Some(id) = indicators().get(indicator) else { return Ok(all) };
    for row in frame
        .evidence()
        .observations(&RecordFilter::of("unhcr-population").indicator(id).years(year, year))?
    {
        *all.entry(row.value.place).or_default() += row.value.value;
    }
    Ok(all)
}

fn page(frame: &Frame<'_>) -> Result<Made, Problem> {
    let lang = frame.lang;
    let evidence = frame.evidence();
    let year = evidence.last_year("unhcr-population", None)?;
    let of_year = |indicator: &str| year.map_or(Ok(BTreeMap::new()), |year| totals(frame, indicator, year));
    let (refugees, idps) = (of_year("refugees")?, of_year("idps")?);
    let none = if year.is_some() { "mark-not-reported" } else { "missing-not-held" };
    let areas = evidence.areas(&RecordFilter::of("naturalearth-countries").level(0))?;
    let focus: Vec<Code> = countries().focus().map(|c| c.iso3).collect();
    let show = |held: &BTreeMap<Code, f64>, code: Code| {
        held.get(&code).map_or_else(|| frame.t(none), |n| lang.integer(*n as i64))
    };
    let spots: Vec<Spot> = areas
        .iter()
        .filter_map(|row| {
            let (code, shape) = (row.value.country, row.value.shape.clone()?);
            let inside = focus.contains(&code);
            let says = match year.filter(|_| inside) {
                Some(year) => lang.text_with(
                    "web-spot",
                    &[
                        ("refugees", &show(&refugees, code)),
                        ("idps", &show(&idps, code)),
                        ("year", &year.to_string()),
                    ],
                ),
                None => String::new(),
            };
            Some(Spot {
                shape,
                says,
                name: countries().name(code, lang),
                class: if inside { "focus" } else { "beyond" },
                href: inside.then(|| frame.href(code.as_str())),
                mark: None,
            })
        })
        .collect();
    let named = |region: FocusRegion| {
        let mut own: Vec<_> = countries().focus().filter(|c| c.region == Some(region)).collect();
        own.sort_by_key(|c| c.name(lang));
        own
    };
    let asked = year.map_or(String::new(), |year| format!(",year={year}"));
    let body = html! {
        h1 { (frame.t("web-home-title")) }
        p.lead { (frame.t("web-home-lead")) }
        aside.scope { h2 { (frame.t("web-not-title")) } p { (frame.t("web-not-text")) } p { (not_for_individual_decisions(lang)) } }
        section aria-labelledby="where" {
            h2 id="where" { (frame.t("web-where")) }
            div.split {
                figure.map-figure {
                    @if spots.is_empty() { p.state.none { (frame.t("web-no-map")) } }
                    @else { (draw(&spots, FRAME, 720.0, &frame.t("web-where"))) }
                    figcaption.small { (frame.t("web-map-countries")) }
                }
                div.lists {
                    @for region in REGIONS {
                        section aria-labelledby=(region_id(region)) {
                            h3 id=(region_id(region)) { (frame.t(&format!("region-{}", region_id(region)))) }
                            div.scroll tabindex="0" role="region" aria-labelledby=(region_id(region)) { table.dense {
                                thead { tr {
                                    th scope="col" { (frame.t("movement-head-country")) }
                                    th.number scope="col" { (frame.t("web-refugees")) }
                                    th.number scope="col" { (frame.t("web-idps")) }
                                } }
                                tbody { @for c in &named(region) { tr {
                                    th scope="row" { a href=(frame.href(c.iso3.as_str())) { (c.name(lang)) } }
                                    @for (recipe, held) in [("refugees", &refugees), ("idps", &idps)] {
                                        td.number { a.fig href=(frame.why(&format!("{recipe}@origin={}{asked}", c.iso3))) { (show(held, c.iso3)) } }
                                    }
                                } } }
                            } }
                        }
                    }
                    @if let Some(year) = year { p.small { (lang.text_with("web-list-source", &[("year", &year.to_string())])) } }
                }
            }
        }
    };
    Ok(Made::html(frame.page(&frame.t("web-home-title"), &[], body)))
}
