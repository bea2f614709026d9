//! The first page: what this is and is not, the focus regions on a map and in a list.

use std::collections::BTreeMap;

use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
    response::Response,
};
use maud::html;
use wegen_ledger::RecordFilter;
use wegen_model::{Code, FocusRegion, countries, not_for_individual_decisions};
use wegen_publication::{Cell, by_origin};

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

fn page(frame: &Frame<'_>) -> Result<Made, Problem> {
    let lang = frame.lang;
    let evidence = frame.evidence();
    let year = evidence.last_year("unhcr-population", None)?;
    let of_year = |source: &str, indicator: &str| match year {
        Some(year) => by_origin(evidence, source, indicator, year),
        None => Ok(BTreeMap::new()),
    };
    let (refugees, idps) = (of_year("unhcr-population", "refugees")?, of_year("unhcr-population", "idps")?);
    let mut columns = vec![("refugees", "web-refugees", &refugees), ("idps", "web-idps", &idps)];
    let of_idmc = of_year("idmc", "idps-idmc")?;
    if !of_idmc.is_empty() {
        columns.push(("idps-idmc", "web-idps-idmc", &of_idmc));
    }
    let none = if year.is_some() { "mark-not-reported" } else { "missing-not-held" };
    let areas = evidence.areas(&RecordFilter::of("naturalearth-countries").level(0))?;
    let focus: Vec<Code> = countries().focus().map(|c| c.iso3).collect();
    let show = |held: &BTreeMap<Code, Cell>, code: Code| {
        let cell = held.get(&code).and_then(|c| Some((c.value?, c.carried)));
        cell.map_or_else(
            || frame.t(none),
            |(n, carried)| format!("{}{}", lang.integer(n as i64), if carried { "\u{a0}*" } else { "" }),
        )
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
                                    @for (_, head, _) in &columns { th.number scope="col" { (frame.t(head)) } }
                                } }
                                tbody { @for c in &named(region) { tr {
                                    th scope="row" { a href=(frame.href(c.iso3.as_str())) { (c.name(lang)) } }
                                    @for (recipe, _, held) in &columns {
                                        td.number { a.fig href=(frame.why(&format!("{recipe}@origin={}{asked}", c.iso3))) { (show(held, c.iso3)) } }
                                    }
                                } } }
                            } }
                        }
                    }
                    @if let Some(year) = year { p.small { (lang.text_with("web-list-source", &[("year", &year.to_string())])) } }
                    p.small { "* " (frame.t("carried-over")) }
                }
            }
        }
    };
    Ok(Made::html(frame.page(&frame.t("web-home-title"), &[], body)))
}
