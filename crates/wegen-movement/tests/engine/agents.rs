//! The rules once more, one person after another: slow, simple, and written from the description alone.
//!
//! What the cohorts are compared with. Nothing here is shared with them but the instance and its settings.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wegen_movement::{Arrivals, Closes, Compat, Forced, Instance, Kind, ReturnSettings};

#[derive(Clone)]
struct Person {
    at: Where,
    route: Vec<usize>,
    first: bool,
    recent: f64,
    moved: f64,
    home: usize,
    left: u32,
    state: Doing,
}

#[derive(Clone, Copy, PartialEq)]
enum Where {
    Place(usize),
    Link { link: usize, covered: f64, turned: bool },
}

#[derive(Clone, Copy, PartialEq)]
enum Doing {
    Displaced,
    Returning(usize),
    Staged,
    Home,
}

struct Road {
    from: usize,
    to: usize,
    km: f64,
    speed: Option<f64>,
    walk: f64,
    forced: bool,
    open: bool,
}

struct Spot {
    camp: bool,
    town: bool,
    chance: f64,
    conflict: f64,
    since: i64,
    last: Option<i64>,
    score: f64,
    population: u64,
    capacity: f64,
    people: u64,
    home: u64,
}

/// All persons of a run.
pub struct Agents<'i> {
    instance: &'i Instance,
    returns: Option<&'i ReturnSettings>,
    roads: Vec<Road>,
    spots: Vec<Spot>,
    persons: Vec<Person>,
    rng: ChaCha8Rng,
    debt: i64,
    waiting: i64,
}

impl<'i> Agents<'i> {
    pub fn new(instance: &'i Instance, returns: Option<&'i ReturnSettings>, seed: u64) -> Agents<'i> {
        let rules = &instance.settings;
        let flee = rules.compat == Compat::Flee;
        let mut roads = Vec::new();
        for link in &instance.links {
            let doubled = flee && link.forced == Forced::Forward;
            for _ in 0..if doubled { 2 } else { 1 } {
                for (from, to, forced) in [
                    (link.from, link.to, link.forced == Forced::Forward),
                    (link.to, link.from, link.forced == Forced::Backward),
                ] {
                    roads.push(Road {
                        from,
                        to,
                        km: f64::from(link.metres) / 1000.0,
                        speed: link.max_move_speed,
                        walk: link.walk_probability,
                        forced: forced && !flee,
                        open: true,
                    });
                }
            }
        }
        let spots = instance
            .locations
            .iter()
            .map(|l| {
                let begins = flee && l.kind == Kind::ConflictZone && l.conflict_from == 0;
                let town = l.kind == Kind::Town || (l.kind == Kind::ConflictZone && !begins);
                Spot {
                    camp: l.kind.is_camp(),
                    town,
                    chance: match l.kind {
                        Kind::Camp => rules.camp_movechance,
                        Kind::IdpCamp => rules.idpcamp_movechance,
                        Kind::ConflictZone if begins => rules.conflict_movechance,
                        Kind::ConflictZone | Kind::Town => rules.default_movechance,
                        Kind::ForwardingHub | Kind::Marker => 1.0,
                    },
                    conflict: if begins { 1.0 } else { 0.0 },
                    since: -1,
                    last: None,
                    score: 1.0,
                    population: l.population,
                    capacity: l.capacity as f64 * rules.capacity_scaling,
                    people: 0,
                    home: 0,
                }
            })
            .collect();
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Agents { instance, returns, roads, spots, persons: Vec::new(), rng, debt: 0, waiting: 0 }
    }

    fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn pick(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut at = self.uniform() * total;
        for (i, w) in weights.iter().enumerate() {
            at -= w;
            if at < 0.0 {
                return i;
            }
        }
        weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
    }

    fn decay(&self, days: i64) -> f64 {
        let rules = &self.instance.settings;
        let step = (days.max(0) / i64::from(rules.conflict_decay_interval)) as usize;
        match rules.conflict_decay.len() {
            0 => 1.0,
            n => rules.conflict_decay[step.min(n - 1)],
        }
    }

    fn intensity(&self, place: usize, day: i64) -> f64 {
        let l = &self.instance.locations[place];
        match &self.instance.conflicts[place] {
            Some(series) if day >= 0 => series[day as usize],
            Some(_) => 0.0,
            None if l.kind == Kind::ConflictZone && i64::from(l.conflict_from) <= day => 1.0,
            None => 0.0,
        }
    }

    /// One day: as many persons at each place, displaced and at home, as there are at its end.
    pub fn day(&mut self, day: u32) -> (Vec<u64>, Vec<u64>) {
        let t = i64::from(day);
        let changed = self.conflicts(t);
        if day == 0 {
            self.day_zero();
        }
        self.displace(t, changed);
        self.closures(t);
        self.scores(t);
        if self.returns.is_some() {
            self.set_out(day);
        }
        for i in 0..self.persons.len() {
            self.evolve(i, t, false);
        }
        for i in 0..self.persons.len() {
            self.travel(i, t);
        }
        let most = self.instance.settings.max_move_speed;
        for p in &mut self.persons {
            p.recent = (p.recent + p.moved / most) / 2.0;
            p.moved = 0.0;
        }
        (self.spots.iter().map(|s| s.people).collect(), self.spots.iter().map(|s| s.home).collect())
    }

    fn conflicts(&mut self, t: i64) -> bool {
        let rules = &self.instance.settings;
        let mut changed = false;
        for place in 0..self.spots.len() {
            let (now, before) = (self.intensity(place, t), self.intensity(place, t - 1));
            let kind = self.instance.locations[place].kind;
            let closed =
                self.instance.closures.iter().any(|c| {
                    c.holds(t) && matches!(c.what, Closes::Camp(p) | Closes::IdpCamp(p) if p == place)
                });
            let spot = &mut self.spots[place];
            if rules.compat == Compat::Flee {
                if self.instance.conflicts[place].is_none() {
                    continue;
                }
                if now > 0.0 && (t == 0 || before == 0.0) {
                    (spot.conflict, spot.chance, spot.town, spot.since) =
                        (now, rules.conflict_movechance, false, t);
                    changed = true;
                } else if now == 0.0 && t > 0 && before == 1.0 {
                    (spot.conflict, spot.chance, spot.town) = (0.0, rules.default_movechance, true);
                    changed = true;
                }
            } else {
                if now > 0.0 && spot.conflict == 0.0 {
                    spot.since = t;
                }
                spot.conflict = now;
                spot.camp = kind.is_camp() && !closed;
                spot.town = now == 0.0 && !spot.camp && !matches!(kind, Kind::ForwardingHub | Kind::Marker);
                spot.chance = if now > 0.0 {
                    rules.conflict_movechance
                } else if spot.town {
                    rules.default_movechance
                } else if spot.camp {
                    if kind == Kind::IdpCamp { rules.idpcamp_movechance } else { rules.camp_movechance }
                } else {
                    1.0
                };
            }
            if spot.conflict > 0.0 {
                spot.last = Some(t);
            }
        }
        changed
    }

    fn spawn_weights(&self, clock: i64) -> Vec<f64> {
        self.spots
            .iter()
            .map(|s| {
                if s.conflict > 0.0 {
                    s.population as f64 * s.conflict * self.decay(clock - s.since)
                } else {
                    0.0
                }
            })
            .collect()
    }

    fn enter(&mut self, place: usize, home: usize, day: i64) {
        self.spots[place].people += 1;
        self.persons.push(Person {
            at: Where::Place(place),
            route: Vec::new(),
            first: true,
            recent: 0.0,
            moved: 0.0,
            home,
            left: (day / 30) as u32,
            state: Doing::Displaced,
        });
    }

    fn day_zero(&mut self) {
        let weights = self.spawn_weights(0);
        for place in 0..self.spots.len() {
            if !self.instance.locations[place].kind.is_camp() || !self.instance.settings.insert_day0 {
                continue;
            }
            let number = self.instance.registered_at(place, 0).unwrap_or(0);
            for _ in 0..number {
                let home = if weights.iter().sum::<f64>() > 0.0 { self.pick(&weights) } else { usize::MAX };
                self.enter(place, home, 0);
            }
            if self.instance.settings.compat == Compat::Flee {
                let l = &self.instance.locations[place];
                self.spots[place].capacity =
                    (l.capacity as f64 - number as f64) * self.instance.settings.capacity_scaling;
            }
        }
    }

    fn displace(&mut self, t: i64, changed: bool) {
        let rules = &self.instance.settings;
        let clock = if rules.compat == Compat::Flee && !changed && t > 0 { t - 1 } else { t };
        match rules.arrivals {
            Arrivals::Registered { sum_from_camps } => {
                let count = |day: i64| -> i64 {
                    if sum_from_camps {
                        self.instance.registered.iter().map(|r| r.series.at(day) as i64).sum()
                    } else {
                        self.instance.total.as_ref().map_or(0, |s| s.at(day) as i64)
                    }
                };
                let before = if t == 0 { 0 } else { count(t - 1) };
                let mut new = count(t) - before - self.debt;
                if t == 0 && rules.insert_day0 {
                    new = 0;
                }
                self.debt = (-new).max(0);
                let mut left = new.max(0) + self.waiting;
                while left > 0 {
                    let weights = self.spawn_weights(clock);
                    if weights.iter().sum::<f64>() <= 0.0 {
                        break;
                    }
                    let zone = self.pick(&weights);
                    if rules.take_from_population {
                        self.spots[zone].population -= 1;
                    }
                    self.enter(zone, zone, t);
                    left -= 1;
                }
                self.waiting = left;
            }
            Arrivals::Constant { persons } => {
                for zone in 0..self.spots.len() {
                    if self.spots[zone].conflict > 0.0 {
                        for _ in 0..(persons * self.spots[zone].conflict) as u64 {
                            self.enter(zone, zone, t);
                        }
                    }
                }
            }
            _ => panic!("not among the cases compared"),
        }
    }

    fn closures(&mut self, t: i64) {
        let was: Vec<bool> = self.roads.iter().map(|r| r.open).collect();
        let flee = self.instance.settings.compat == Compat::Flee;
        for i in 0..self.roads.len() {
            let road = &self.roads[i];
            let ends = (road.from, road.to);
            let country = |p: usize| &self.instance.locations[p].country;
            let shut = self.instance.closures.iter().filter(|c| c.holds(t)).any(|c| match &c.what {
                Closes::Border(a, b) => {
                    (country(ends.0) == a && country(ends.1) == b)
                        || (country(ends.0) == b && country(ends.1) == a)
                }
                Closes::Place(p) => ends.0 == *p || ends.1 == *p,
                Closes::Link(a, b) => !flee && (ends == (*a, *b) || ends == (*b, *a)),
                _ => false,
            });
            self.roads[i].open = !shut;
        }
        for p in &mut self.persons {
            if let Where::Link { link, turned, .. } = &mut p.at
                && was[*link]
                && !self.roads[*link].open
            {
                *turned = true;
            }
        }
    }

    fn scores(&mut self, t: i64) {
        let rules = &self.instance.settings;
        for place in 0..self.spots.len() {
            let decay = self.decay(t - self.spots[place].since);
            let foreign = self.instance.is_foreign(place);
            let spot = &mut self.spots[place];
            spot.score = 1.0;
            if foreign {
                spot.score *= rules.foreign_weight;
            }
            if spot.camp {
                spot.score *= rules.camp_weight;
            }
            if spot.conflict > 0.0 {
                spot.score *= rules.conflict_weight.powf(decay * spot.conflict);
            }
        }
    }

    fn room(&self, place: usize) -> f64 {
        let (spot, b) = (&self.spots[place], self.instance.settings.capacity_buffer);
        let n = spot.people as f64;
        if spot.capacity < 1.0 || n <= b * spot.capacity {
            1.0
        } else if n >= spot.capacity {
            0.0
        } else {
            1.0 - (n - b * spot.capacity) / (spot.capacity * (1.0 - b))
        }
    }

    fn routes(&self, path: &mut Vec<usize>, km: f64, left: i64, found: &mut Vec<(Vec<usize>, f64)>) {
        let rules = &self.instance.settings;
        if left <= 0 {
            return;
        }
        let here = path[path.len() - 1];
        for road in self.roads.iter().filter(|r| r.open && r.from == here) {
            if path.contains(&road.to) {
                continue;
            }
            let marker = self.instance.locations[road.to].kind == Kind::Marker;
            path.push(road.to);
            if !marker {
                let score = rules.weight_softening + self.spots[road.to].score;
                let weight =
                    score / (rules.softening + km + road.km).powf(rules.distance_power) * self.room(road.to);
                found.push((path[1..].to_vec(), weight.powf(rules.weight_power)));
            }
            self.routes(path, km + road.km, if marker { left } else { left - 1 }, found);
            path.pop();
        }
    }

    fn evolve(&mut self, i: usize, t: i64, forced: bool) {
        let Where::Place(place) = self.persons[i].at else { return };
        let chance = match self.persons[i].state {
            Doing::Returning(_) => 1.0,
            Doing::Home if self.spots[place].conflict == 0.0 => {
                let r = self.returns.expect("returns");
                r.rates.leaves_again * (1.0 - self.conditions(place, t as u32))
            }
            Doing::Staged if self.spots[place].conflict == 0.0 => 0.0,
            _ if !self.persons[i].route.is_empty() || (forced && self.spots[place].town) => 1.0,
            _ => self.spots[place].chance,
        };
        if self.uniform() >= chance {
            return;
        }
        if self.persons[i].state == Doing::Home {
            self.spots[place].home -= 1;
            self.spots[place].people += 1;
            self.persons[i].state = Doing::Displaced;
            self.persons[i].left = (t / 30) as u32;
        } else if self.persons[i].state == Doing::Staged {
            self.persons[i].state = Doing::Displaced;
        }
        if let Doing::Returning(target) = self.persons[i].state {
            match self.next_towards(place, target) {
                Some(link) => self.board(i, place, link),
                None => self.persons[i].state = Doing::Displaced,
            }
            return;
        }
        if self.persons[i].route.is_empty() {
            let force = self.roads.iter().find(|r| r.from == place && r.open && r.forced).map(|r| r.to);
            let route = match force.filter(|to| self.room(*to) > 0.000_001) {
                Some(to) => vec![to],
                None => {
                    let mut found = Vec::new();
                    let level = i64::from(self.instance.settings.awareness_level);
                    self.routes(&mut vec![place], 0.0, level, &mut found);
                    if found.is_empty() {
                        return;
                    }
                    let mut weights: Vec<f64> = found.iter().map(|(_, w)| *w).collect();
                    if weights.iter().sum::<f64>() <= 0.0 {
                        weights = vec![1.0; weights.len()];
                    }
                    found.swap_remove(self.pick(&weights)).0
                }
            };
            self.persons[i].route = route;
        }
        let (next, end) = (self.persons[i].route[0], self.persons[i].route[self.persons[i].route.len() - 1]);
        let link = self.roads.iter().position(|r| r.from == place && r.to == next && r.open);
        match link {
            Some(link) if !(self.spots[end].camp && self.room(end) < 0.5) => {
                self.persons[i].route.remove(0);
                self.board(i, place, link);
            }
            _ => self.persons[i].route.clear(),
        }
    }

    fn board(&mut self, i: usize, place: usize, link: usize) {
        self.spots[place].people -= 1;
        self.persons[i].at = Where::Link { link, covered: 0.0, turned: false };
    }

    fn travel(&mut self, i: usize, t: i64) {
        let rules = &self.instance.settings;
        let Where::Link { link, covered, turned } = self.persons[i].at else { return };
        let (from, to, km) = (self.roads[link].from, self.roads[link].to, self.roads[link].km);
        let mut speed = self.roads[link].speed.unwrap_or(rules.max_move_speed);
        if self.persons[i].first && rules.start_on_foot {
            speed = rules.max_walk_speed;
        }
        let walk = self.roads[link].walk;
        if walk > 0.0 && self.uniform() < walk {
            speed = rules.max_walk_speed;
        }
        let step = match rules.compat {
            Compat::Flee => speed,
            Compat::Rules => (speed - self.persons[i].moved).max(0.0),
        };
        let covered = covered + step;
        self.persons[i].moved += step;
        if covered <= km {
            self.persons[i].at = Where::Link { link, covered, turned };
            return;
        }
        self.persons[i].moved -= covered - km;
        self.persons[i].first = false;
        if turned {
            self.spots[from].people += 1;
            self.persons[i].at = Where::Place(from);
            return;
        }
        self.persons[i].at = Where::Place(to);
        if self.persons[i].state == Doing::Returning(to) {
            if self.persons[i].home == to {
                self.persons[i].state = Doing::Home;
                self.spots[to].home += 1;
            } else {
                self.persons[i].state = Doing::Staged;
                self.spots[to].people += 1;
            }
            return;
        }
        self.spots[to].people += 1;
        if self.persons[i].moved < speed {
            let p = &self.persons[i];
            let forced = rules.avoid_short_stints && (p.recent + p.moved / rules.max_move_speed) / 2.0 < 0.5;
            self.evolve(i, t, forced);
            self.travel(i, t);
        }
    }

    /// Kilometres of the shortest open ways to a place, by relaxing every road until nothing changes.
    fn ways(&self, target: usize) -> Vec<f64> {
        let mut km = vec![f64::INFINITY; self.spots.len()];
        km[target] = 0.0;
        loop {
            let mut better = false;
            for road in self.roads.iter().filter(|r| r.open) {
                if km[road.to] + road.km < km[road.from] - 1e-9 {
                    km[road.from] = km[road.to] + road.km;
                    better = true;
                }
            }
            if !better {
                return km;
            }
        }
    }

    fn next_towards(&self, place: usize, target: usize) -> Option<usize> {
        let km = self.ways(target);
        (0..self.roads.len())
            .filter(|r| {
                self.roads[*r].open && self.roads[*r].from == place && km[self.roads[*r].to].is_finite()
            })
            .min_by(|a, b| {
                let far = |r: usize| self.roads[r].km + km[self.roads[r].to];
                far(*a).total_cmp(&far(*b))
            })
    }

    fn conditions(&self, place: usize, day: u32) -> f64 {
        let r = self.returns.expect("returns");
        (0..r.conditions.len())
            .map(|c| {
                let met = r.met(place, c, day);
                let value = if r.end == wegen_movement::End::Low { met.low } else { met.high };
                r.rates.least + (1.0 - r.rates.least) * value
            })
            .product()
    }

    fn set_out(&mut self, day: u32) {
        let r = self.returns.expect("returns").clone();
        for i in 0..self.persons.len() {
            let (Where::Place(place), home) = (self.persons[i].at, self.persons[i].home) else { continue };
            let staged = self.persons[i].state == Doing::Staged;
            if home == usize::MAX
                || !(staged || self.persons[i].state == Doing::Displaced)
                || !self.persons[i].route.is_empty()
            {
                continue;
            }
            let (t, spot) = (i64::from(day), &self.spots[home]);
            let quiet = spot.last.map_or(t + 1, |last| t - last) as f64;
            let security = if spot.conflict > 0.0 { 0.0 } else { 1.0 - (-quiet / r.rates.quiet_days).exp() };
            let days = 180.min(day + 1);
            let fought =
                (day.saturating_sub(180)..day).filter(|d| self.intensity(home, i64::from(*d)) > 0.0).count();
            let trend = 1.0 - fought as f64 / f64::from(days);
            let conditions = if spot.conflict > 0.0 { 0.0 } else { self.conditions(home, day) };
            let ways = self.ways(home);
            let near = if ways[place].is_finite() { (-ways[place] / r.rates.distance_km).exp() } else { 0.0 };
            let months = f64::from(day) / 30.0 - f64::from(self.persons[i].left);
            let wish = r.rates.fades_to + (1.0 - r.rates.fades_to) * (-months / r.rates.fades_months).exp();
            // Nothing is said of how people stay: at the low end they stay well.
            let stay = if staged { 1.0 } else { (1.0 - r.rates.stay) * wish };
            if self.uniform() >= r.rates.daily * security * trend * conditions * near * stay {
                continue;
            }
            let all_the_way = staged || self.uniform() < conditions;
            let target = if all_the_way {
                Some(home)
            } else {
                (0..self.spots.len())
                    .filter(|p| *p != home && self.spots[*p].conflict == 0.0 && ways[*p].is_finite())
                    .filter(|p| self.instance.locations[*p].kind != Kind::Marker)
                    .min_by(|a, b| ways[*a].total_cmp(&ways[*b]))
            };
            match target {
                None => {}
                Some(target) if target == place && target == home => {
                    self.spots[place].people -= 1;
                    self.spots[place].home += 1;
                    self.persons[i].state = Doing::Home;
                }
                Some(target) if target == place => self.persons[i].state = Doing::Staged,
                Some(target) => self.persons[i].state = Doing::Returning(target),
            }
        }
    }
}
