//! The instance as the simulation sees it: places in an order of their own, directed links, routes.
//!
//! Places are ordered by what they are (position, kind, size), not by their row, so that another order of rows or
//! other names give the same numbers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::{Closes, Compat, Forced, Instance, MovementError};

/// A place, in the network's order.
pub(crate) type Place = usize;
/// A directed link.
pub(crate) type LinkId = usize;

/// More routes than this from one place are refused.
const MOST_ROUTES: usize = 200_000;

/// A directed link.
#[derive(Debug, Clone)]
pub(crate) struct Directed {
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) metres: u32,
    /// Metres a day, where the link has its own.
    pub(crate) speed: Option<u32>,
    pub(crate) walk_probability: f64,
    pub(crate) forced: bool,
}

/// What is left of a route: an entry of [`Routes`]; `NONE` for nobody's.
pub(crate) type RouteId = u32;
pub(crate) const NO_ROUTE: RouteId = 0;

/// Remaining routes, each stored once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes {
    /// Next place and what is left after it, by id − 1.
    nodes: Vec<(Place, RouteId, Place)>,
    known: BTreeMap<(Place, RouteId), RouteId>,
}

impl Routes {
    /// The id of a sequence of places.
    fn intern(&mut self, places: &[Place]) -> RouteId {
        let end = places.last().copied().unwrap_or_default();
        places.iter().rev().fold(NO_ROUTE, |rest, place| {
            *self.known.entry((*place, rest)).or_insert_with(|| {
                self.nodes.push((*place, rest, end));
                self.nodes.len() as RouteId
            })
        })
    }

    /// The next place, what is left after it, and the end of the whole.
    pub(crate) fn step(&self, route: RouteId) -> (Place, RouteId, Place) {
        self.nodes[route as usize - 1]
    }
}

/// One route that somebody at a place may choose.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// The whole route.
    pub(crate) route: RouteId,
    /// Its end.
    pub(crate) end: Place,
    /// Its length in km.
    pub(crate) km: f64,
}

/// Places, links and what is open.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    /// The row of each place in [`Instance::locations`].
    pub(crate) row: Vec<usize>,
    /// The place of each row.
    pub(crate) place: Vec<Place>,
    pub(crate) links: Vec<Directed>,
    /// Links that leave each place, in order.
    pub(crate) out: Vec<Vec<LinkId>>,
    pub(crate) marker: Vec<bool>,
    pub(crate) open: Vec<bool>,
    /// Whether a link forces everybody at its start to take it.
    pub(crate) forcing: Vec<bool>,
    pub(crate) routes: Routes,
}

impl Network {
    pub(crate) fn new(instance: &Instance) -> Network {
        let n = instance.locations.len();
        let mut row: Vec<usize> = (0..n).collect();
        row.sort_by(|a, b| {
            let (one, two) = (&instance.locations[*a], &instance.locations[*b]);
            (one.latitude.total_cmp(&two.latitude))
                .then(one.longitude.total_cmp(&two.longitude))
                .then(one.kind.cmp(&two.kind))
                .then((one.population, one.capacity).cmp(&(two.population, two.capacity)))
                .then(one.name.cmp(&two.name))
        });
        let mut place = vec![0; n];
        for (p, r) in row.iter().enumerate() {
            place[*r] = p;
        }
        let flee = instance.settings.compat == Compat::Flee;
        let mut links = Vec::new();
        for link in &instance.links {
            let (from, to) = (place[link.from], place[link.to]);
            let mut add = |from, to, forced| {
                links.push(Directed {
                    from,
                    to,
                    metres: link.metres,
                    speed: link.max_move_speed.map(metres),
                    walk_probability: link.walk_probability,
                    forced,
                });
            };
            // Flee 3 keeps a forced link (1) beside the link itself, and forces nobody.
            let doubled = flee && link.forced == Forced::Forward;
            for _ in 0..=usize::from(doubled) {
                add(from, to, !flee && link.forced == Forced::Forward);
                add(to, from, !flee && link.forced == Forced::Backward);
            }
        }
        links.sort_by(|a, b| {
            (a.from, a.to, a.metres, a.speed, a.forced)
                .cmp(&(b.from, b.to, b.metres, b.speed, b.forced))
                .then(a.walk_probability.total_cmp(&b.walk_probability))
        });
        let mut out = vec![Vec::new(); n];
        for (id, link) in links.iter().enumerate() {
            out[link.from].push(id);
        }
        let marker = row.iter().map(|r| instance.locations[*r].kind == crate::Kind::Marker).collect();
        let forcing = links.iter().map(|l| l.forced).collect();
        Network {
            open: vec![true; links.len()],
            row,
            place,
            links,
            out,
            marker,
            forcing,
            routes: Routes::default(),
        }
    }

    /// Which links are open on a day, and which force; `true` where something changed.
    pub(crate) fn close(&mut self, instance: &Instance, day: i64) -> bool {
        let flee = instance.settings.compat == Compat::Flee;
        let mut open = vec![true; self.links.len()];
        let mut forcing: Vec<bool> = self.links.iter().map(|l| l.forced).collect();
        for closure in instance.closures.iter().filter(|c| c.holds(day)) {
            let between = |id: usize, a: usize, b: usize| {
                let link = &self.links[id];
                let (a, b) = (self.place[a], self.place[b]);
                (link.from, link.to) == (a, b) || (link.from, link.to) == (b, a)
            };
            for id in 0..self.links.len() {
                let ends = (self.row[self.links[id].from], self.row[self.links[id].to]);
                let country = |row: usize| instance.locations[row].country.as_str();
                let shut = match &closure.what {
                    Closes::Border(one, two) => {
                        let crossed = (country(ends.0), country(ends.1));
                        crossed == (one, two) || crossed == (two, one)
                    }
                    Closes::Place(place) => ends.0 == *place || ends.1 == *place,
                    // Flee 3 compares names by identity here, and finds none.
                    Closes::Link(a, b) => !flee && between(id, *a, *b),
                    Closes::Camp(_) | Closes::IdpCamp(_) => false,
                    Closes::ForcedRedirection(a, b) => {
                        if between(id, *a, *b) {
                            forcing[id] = false;
                        }
                        false
                    }
                };
                open[id] &= !shut;
            }
        }
        let changed = open != self.open || forcing != self.forcing;
        self.open = open;
        self.forcing = forcing;
        changed
    }

    /// The link that a step from one place to the next takes: the first open one.
    pub(crate) fn link(&self, from: Place, to: Place) -> Option<LinkId> {
        self.out[from].iter().copied().find(|id| self.links[*id].to == to && self.open[*id])
    }

    /// All routes from a place up to `awareness` links away over open links; markers are no step.
    ///
    /// # Errors
    /// More routes than anybody can weigh.
    pub(crate) fn choices(&mut self, from: Place, awareness: u32) -> Result<Vec<Choice>, MovementError> {
        let mut found = Vec::new();
        let mut path = vec![from];
        self.explore(&mut path, 0, i64::from(awareness), &mut found)?;
        Ok(found.into_iter().map(|(places, metres)| self.choice(&places, metres)).collect())
    }

    fn choice(&mut self, places: &[Place], metres: u64) -> Choice {
        let end = places.last().copied().unwrap_or_default();
        Choice { route: self.routes.intern(places), end, km: metres as f64 / 1000.0 }
    }

    /// `left` links of awareness are left when standing at the end of `path`.
    fn explore(
        &self,
        path: &mut Vec<Place>,
        metres: u64,
        left: i64,
        found: &mut Vec<(Vec<Place>, u64)>,
    ) -> Result<(), MovementError> {
        let at = path[path.len() - 1];
        if left <= 0 {
            return Ok(());
        }
        for id in self.out[at].iter().copied().filter(|id| self.open[*id]) {
            let link = &self.links[id];
            if path.contains(&link.to) {
                continue;
            }
            let metres = metres + u64::from(link.metres);
            path.push(link.to);
            let left = if self.marker[link.to] { left } else { left - 1 };
            if !self.marker[link.to] {
                if found.len() >= MOST_ROUTES {
                    return Err(MovementError::Instance(format!(
                        "more than {MOST_ROUTES} routes from one place; a lower awareness_level was expected"
                    )));
                }
                found.push((path[1..].to_vec(), metres));
            }
            self.explore(path, metres, left, found)?;
            path.pop();
        }
        Ok(())
    }

    /// The next link on the shortest open way to `target` from each place, and the way's length in metres.
    pub(crate) fn towards(&self, target: Place) -> Vec<Option<(LinkId, u64)>> {
        let mut best: Vec<Option<(LinkId, u64)>> = vec![None; self.row.len()];
        let mut settled = vec![false; self.row.len()];
        let mut queue = BinaryHeap::from([Reverse((0u64, target))]);
        while let Some(Reverse((metres, at))) = queue.pop() {
            if std::mem::replace(&mut settled[at], true) {
                continue;
            }
            // Links come in pairs: those that leave `at` name the places from which it is reached.
            for back in &self.out[at] {
                let from = self.links[*back].to;
                let Some(id) = self.out[from]
                    .iter()
                    .copied()
                    .filter(|id| self.links[*id].to == at && self.open[*id])
                    .min_by_key(|id| self.links[*id].metres)
                else {
                    continue;
                };
                let length = metres + u64::from(self.links[id].metres);
                if !settled[from] && best[from].is_none_or(|(_, known)| length < known) {
                    best[from] = Some((id, length));
                    queue.push(Reverse((length, from)));
                }
            }
        }
        best[target] = None;
        best
    }
}

/// Km as whole metres.
pub(crate) fn metres(km: f64) -> u32 {
    (km * 1000.0).round().clamp(1.0, f64::from(u32::MAX)) as u32
}
