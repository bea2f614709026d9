//! One day of a run.

use std::collections::BTreeMap;
use std::mem::take;

use super::people::{Cohort, Gathering, People, Register};
use super::places::{self, PlaceDay};
use super::result::{Day, Run};
use super::{Base, Bases, Model, State, Status, Trip, UNKNOWN, Whereabouts};
use crate::network::{Choice, LinkId, NO_ROUTE, Network, Place, metres};
use crate::random::{Draws, Purpose, Streams};
use crate::{Arrivals, Compat, MovementError};

/// Nobody arrives more often than this within a day.
const MOST_HOPS: usize = 1_000;
/// Of the range in which a camp fills up, the part that those who decide at once may take by default.
const AT_ONCE: f64 = 0.125;
/// The index of recent travel counts in this many parts.
const PARTS: u64 = 1_024;

/// Where people at a place may go, and how likely.
struct Table {
    epoch: u32,
    day: u32,
    choices: Vec<Choice>,
    /// The first link of each choice.
    links: Vec<LinkId>,
    /// What is left of each choice after its first link.
    rests: Vec<u32>,
    /// 1 / (softening + km)^power.
    near: Vec<f64>,
    /// Choices whose end has a capacity, and how much room it had when the rest was computed.
    limited: Vec<(usize, f64)>,
    /// Sums of weights up to each choice.
    cumulative: Vec<f64>,
}

/// A run under way.
pub(super) struct Simulation<'m, 'i> {
    pub(super) model: &'m Model<'i>,
    pub(super) streams: Streams,
    pub(super) network: Network,
    pub(super) places: Vec<PlaceDay>,
    pub(super) bases: Bases,
    /// People at places, in the order of places and states.
    pub(super) at: Vec<Cohort>,
    /// People on links, in the order of links and states.
    on: Vec<Cohort>,
    /// People who stay where they are until tomorrow, at places and on links.
    settled: Gathering,
    resting: Gathering,
    /// Displaced people at each place.
    pub(super) occupancy: Vec<u64>,
    /// People at home again at each place.
    pub(super) home: Vec<u64>,
    register: Register,
    tables: Vec<Option<Box<Table>>>,
    epoch: u32,
    /// The next link towards a target from each place.
    pub(super) towards: BTreeMap<Place, Vec<Option<(LinkId, u64)>>>,
    waiting: u64,
    pub(super) whole: Day,
    today: u32,
    /// Metres a day, and on foot.
    speed: u32,
    walk: u32,
    going_on: Vec<Option<Box<Draws>>>,
    /// Which of two points of a grid somebody is put on.
    grid: Draws,
    shares: Vec<(usize, u64)>,
}

/// People who arrived with some of the day left, by the metres travelled today.
#[derive(Default)]
struct Agenda {
    by_metres: BTreeMap<u32, Gathering>,
    spare: Vec<Gathering>,
}

impl Agenda {
    fn add(&mut self, moved: u32, place: Place, state: State, people: People) {
        let spare = &mut self.spare;
        let gathering = self.by_metres.entry(moved).or_insert_with(|| spare.pop().unwrap_or_default());
        gathering.add(Whereabouts::at(place, state).key(), people);
    }

    /// Those who have come least far.
    fn next(&mut self, into: &mut Vec<Cohort>) -> Option<u32> {
        let (moved, mut gathering) = self.by_metres.pop_first()?;
        gathering.take(into);
        self.spare.push(gathering);
        Some(moved)
    }
}

impl<'m, 'i> Simulation<'m, 'i> {
    pub(super) fn new(model: &'m Model<'i>, streams: Streams) -> Simulation<'m, 'i> {
        let network = model.network.clone();
        let n = network.row.len();
        Simulation {
            places: network.row.iter().map(|row| PlaceDay::new(model.instance, *row)).collect(),
            bases: Bases::new(),
            at: Vec::new(),
            on: Vec::new(),
            settled: Gathering::default(),
            resting: Gathering::default(),
            shares: Vec::new(),
            occupancy: vec![0; n],
            home: vec![0; n],
            register: Register::default(),
            tables: std::iter::repeat_with(|| None).take(n).collect(),
            epoch: 0,
            towards: BTreeMap::new(),
            waiting: 0,
            whole: Day::default(),
            today: 0,
            speed: metres(model.instance.settings.max_move_speed),
            walk: metres(model.instance.settings.max_walk_speed),
            going_on: std::iter::repeat_with(|| None).take(n).collect(),
            grid: streams.at(0, Purpose::Grid, 0),
            model,
            streams,
            network,
        }
    }

    /// Everything that happens on a day.
    pub(super) fn day(&mut self, day: u32) -> Result<(), MovementError> {
        self.today = day;
        self.grid = self.streams.at(day, Purpose::Grid, 0);
        let model = self.model;
        let changed = places::update(&mut self.places, &self.network, model.instance, day);
        places::capacities(&mut self.places, &self.network, model.instance, day);
        if day == 0 {
            self.day_zero();
        }
        self.displace(day, changed);
        if model.turning.contains(&i64::from(day)) {
            self.close(i64::from(day));
        }
        places::score(&mut self.places, model.instance, day);
        self.set_out_for_home(day);
        self.leave(day)?;
        self.travel()?;
        self.settled.take(&mut self.at);
        self.resting.take(&mut self.on);
        Ok(())
    }

    /// Counts everybody. Nobody is lost: those counted are those who entered.
    pub(super) fn count(&mut self, run: &mut Run) {
        let travelling: u64 = self.on.iter().map(|(_, people)| people.number()).sum();
        let standing: u64 = self.at.iter().map(|(_, people)| people.number()).sum();
        let by_place: u64 = self.occupancy.iter().chain(&self.home).sum();
        assert_eq!(standing + travelling, self.register.entered(), "people were lost or made up");
        assert_eq!(standing, by_place, "people are not where they are counted");
        self.whole.travelling = travelling;
        self.whole.entered = self.register.entered();
        self.whole.unplaced = self.waiting;
        let rows = |counts: &[u64]| -> Vec<u64> { self.network.place.iter().map(|place| counts[*place]).collect() };
        let home = self.model.returns.is_some().then(|| rows(&self.home));
        run.push(self.whole, &rows(&self.occupancy), home.as_deref());
    }

    fn enter(&mut self, place: Place, number: u64, home: Option<Place>, day: u32) {
        if number == 0 {
            return;
        }
        let trip = match (home, &self.model.returns) {
            (Some(home), Some(_)) => Trip { home: home as u16, month: (day / 30) as u16, status: Status::Displaced },
            _ => Trip::NONE,
        };
        let people = self.register.enter(number);
        self.occupancy[place] += number;
        let first = self.model.instance.settings.start_on_foot;
        let base = self.bases.number(Base { route: NO_ROUTE, trip, first });
        self.at.push((Whereabouts::at(place, State { base, recent: 0 }).key(), people));
    }

    /// Camps start with their registrations of day 0. Where from, where that matters, is drawn as for everybody
    /// else on that day.
    fn day_zero(&mut self) {
        let instance = self.model.instance;
        let weights: Vec<f64> = self.places.iter().map(|p| places::spawn_weight(p, instance, 0)).collect();
        let cumulative = sums(&weights);
        for row in instance.camps() {
            let place = self.network.place[row];
            let counted = match instance.settings.insert_day0 {
                true => instance.registered_at(row, 0).unwrap_or(0),
                false => 0,
            };
            let before = instance.locations[row].attribute("initial_idps").unwrap_or(0.0).max(0.0) as u64;
            let number = counted + before / instance.settings.hasten;
            if instance.settings.compat == Compat::Flee {
                // Flee 3 takes those who are there from the capacity, and counts them against it as well.
                let left = instance.locations[row].capacity as f64 - number as f64;
                self.places[place].capacity = left * instance.settings.capacity_scaling;
            }
            if self.model.returns.is_none() || cumulative.last().is_none_or(|total| *total <= 0.0) {
                self.enter(place, number, None, 0);
                continue;
            }
            let mut homes = Vec::new();
            let mut draws = self.streams.at(0, Purpose::Spawn, place + 1);
            draws.split(number, &cumulative, |home, some| homes.push((home, some)));
            for (home, some) in homes {
                self.enter(place, some, Some(home), 0);
            }
        }
    }

    /// New displaced people.
    fn displace(&mut self, day: u32, changed: bool) {
        let model = self.model;
        let rules = &model.instance.settings;
        // Flee 3 refreshes weights when a zone begins or ends, and otherwise uses those of the day before.
        let clock = match rules.compat {
            Compat::Flee if !changed && day > 0 => i64::from(day) - 1,
            _ => i64::from(day),
        };
        let zones: Vec<Place> = (0..self.places.len()).filter(|p| self.places[*p].conflict > 0.0).collect();
        if let Arrivals::Registered { .. } = rules.arrivals {
            let mut left = model.arrivals[day as usize] + self.waiting;
            let mut draws = self.streams.at(day, Purpose::Spawn, 0);
            loop {
                let weights: Vec<f64> =
                    zones.iter().map(|p| places::spawn_weight(&self.places[*p], model.instance, clock)).collect();
                let cumulative = sums(&weights);
                if left == 0 || cumulative.last().is_none_or(|total| *total <= 0.0) {
                    break;
                }
                let mut drawn = Vec::new();
                draws.split(left, &cumulative, |zone, number| drawn.push((zones[zone], number)));
                left = drawn.into_iter().map(|(zone, number)| number - self.displace_from(zone, number, day)).sum();
            }
            self.waiting = left;
            return;
        }
        for zone in zones {
            let state = &self.places[zone];
            let mut draws = self.streams.at(day, Purpose::Spawn, zone + 1);
            let number = match rules.arrivals {
                Arrivals::Constant { persons } => (persons * state.conflict) as u64,
                Arrivals::Share { share } => (share * state.population as f64 * state.conflict) as u64,
                Arrivals::Poisson { persons } => draws.poisson(persons * state.conflict),
                Arrivals::Hazard { rate } => {
                    draws.poisson(rate * places::spawn_weight(state, model.instance, i64::from(day)))
                }
                Arrivals::Registered { .. } => 0,
            };
            self.displace_from(zone, number, day);
        }
    }

    /// Displaces people from a zone, and says how many: no more than live there, where they are taken from them.
    fn displace_from(&mut self, zone: Place, number: u64, day: u32) -> u64 {
        let state = &mut self.places[zone];
        let number = if self.model.instance.settings.take_from_population {
            let taken = number.min(state.population);
            state.population -= taken;
            taken
        } else {
            number
        };
        self.enter(zone, number, Some(zone), day);
        number
    }

    fn close(&mut self, day: i64) {
        let before = self.network.open.clone();
        if self.network.close(self.model.instance, day) {
            self.epoch += 1;
            self.towards.clear();
            for (key, _) in &mut self.on {
                let mut here = Whereabouts::of(*key);
                if before[here.id] && !self.network.open[here.id] {
                    here.turned = true;
                    *key = here.key();
                }
            }
        }
        if self.model.instance.settings.compat == Compat::Flee {
            places::camps_as_flee(&mut self.places, &self.network, self.model.instance, day);
        }
    }

    /// Who leaves a place at the start of the day.
    fn leave(&mut self, day: u32) -> Result<(), MovementError> {
        let mut cohorts = take(&mut self.at);
        cohorts.sort_unstable_by_key(|(key, _)| *key);
        let mut draws: Option<(Place, f64, Draws)> = None;
        for (key, mut people) in cohorts {
            let Whereabouts { id: place, state, .. } = Whereabouts::of(key);
            let (_, chance, here) = match &mut draws {
                Some(same) if same.0 == place => same,
                other => {
                    let row = self.network.row[place];
                    let chance = self.places[place].leaving(self.model.instance, row);
                    other.insert((place, chance, self.streams.at(day, Purpose::Leave, place)))
                }
            };
            let base = self.bases.get(state);
            let leaves = match base.trip.status {
                Status::Displaced if base.route != NO_ROUTE => 1.0,
                Status::Displaced => *chance,
                Status::Returning { .. } => 1.0,
                Status::Staged if self.places[place].conflict > 0.0 => *chance,
                Status::Staged => 0.0,
                Status::Home => self.leaves_home_again(place, *chance, day),
            };
            let leaving = people.take(here.binomial(people.number(), leaves));
            self.settle(place, state, 0, people);
            if leaving.number() > 0 {
                let state = self.departing(place, state, &leaving, day);
                self.depart(place, state, 0, leaving, here, None)?;
            }
        }
        Ok(())
    }

    /// The state in which somebody leaves a place: whoever was at home, or waited near it, is displaced again.
    fn departing(&mut self, place: Place, state: State, people: &People, day: u32) -> State {
        let mut base = self.bases.get(state);
        match base.trip.status {
            Status::Home => {
                self.home[place] -= people.number();
                self.occupancy[place] += people.number();
                self.whole.again += people.number();
                base.trip.month = (day / 30) as u16;
            }
            Status::Staged => {}
            _ => return state,
        }
        base.trip.status = Status::Displaced;
        State { base: self.bases.number(base), ..state }
    }

    /// Sends people from a place on a link of their route, or of one that they choose now; who cannot go stays.
    ///
    /// With an agenda they travel at once, having travelled `moved` metres today.
    fn depart(
        &mut self,
        place: Place,
        state: State,
        moved: u32,
        mut people: People,
        draws: &mut Draws,
        mut agenda: Option<&mut Agenda>,
    ) -> Result<(), MovementError> {
        let base = self.bases.get(state);
        if let Status::Returning { target, .. } = base.trip.status {
            match self.way_home(place, usize::from(target)) {
                Some((link, _)) => self.go(place, link, state, moved, people, agenda),
                None => {
                    let trip = Trip { status: Status::Displaced, ..base.trip };
                    let state = State { base: self.bases.number(Base { trip, ..base }), ..state };
                    self.settle(place, state, moved, people);
                }
            }
            return Ok(());
        }
        if base.route != NO_ROUTE {
            let (next, rest, end) = self.network.routes.step(base.route);
            let link = self.network.link(place, next).filter(|_| !self.is_nearly_full(end));
            let route = if link.is_some() { rest } else { NO_ROUTE };
            let state = State { base: self.bases.number(Base { route, ..base }), ..state };
            match link {
                Some(link) => self.go(place, link, state, moved, people, agenda),
                None => self.settle(place, state, moved, people),
            }
            return Ok(());
        }
        self.weigh(place)?;
        let mut shares = take(&mut self.shares);
        shares.clear();
        let Some(table) = self.tables[place].take() else { return Ok(()) };
        draws.split(people.number(), &table.cumulative, |choice, number| shares.push((choice, number)));
        for (choice, number) in &shares {
            let some = people.take(*number);
            if self.is_nearly_full(table.choices[*choice].end) {
                self.settle(place, state, moved, some);
                continue;
            }
            let rest = table.rests[*choice];
            let state = match rest {
                NO_ROUTE => state,
                route => State { base: self.bases.number(Base { route, ..base }), ..state },
            };
            self.go(place, table.links[*choice], state, moved, some, agenda.as_deref_mut());
        }
        self.tables[place] = Some(table);
        self.shares = shares;
        self.settle(place, state, moved, people);
        Ok(())
    }

    fn go(
        &mut self,
        place: Place,
        link: LinkId,
        state: State,
        moved: u32,
        people: People,
        agenda: Option<&mut Agenda>,
    ) {
        self.occupancy[place] -= people.number();
        let start = Whereabouts::at(link, state);
        match agenda {
            Some(agenda) => self.leg(start, moved, people, agenda),
            None => self.on.push((start.key(), people)),
        }
    }

    fn is_nearly_full(&self, end: Place) -> bool {
        let buffer = self.model.instance.settings.capacity_buffer;
        self.places[end].camp && self.places[end].room(self.occupancy[end], buffer) < 0.5
    }

    /// Leaves people where they are for the day.
    fn settle(&mut self, place: Place, state: State, moved: u32, mut people: People) {
        if people.number() == 0 {
            return;
        }
        let (recent, grain) = self.recent(state.recent, moved);
        for (recent, some) in self.on_grid(recent, grain, &mut people) {
            self.settled.add(Whereabouts::at(place, State { recent, ..state }).key(), some);
        }
    }

    /// Leaves people on a link for the day.
    fn rest(&mut self, here: Whereabouts, moved: u32, mut people: People) {
        let (recent, grain) = self.recent(here.state.recent, moved);
        for (recent, some) in self.on_grid(recent, grain, &mut people) {
            let state = State { recent, ..here.state };
            self.resting.add(Whereabouts { state, ..here }.key(), some);
        }
    }

    /// The index of recent travel after a day on which somebody moved so far, and the grid it is kept on.
    fn recent(&self, before: u32, moved: u32) -> (u32, u32) {
        let rules = &self.model.instance.settings;
        if !rules.avoid_short_stints {
            return (0, 1);
        }
        let speed = u64::from(self.speed);
        let now = (u64::from(before) + (u64::from(moved) * PARTS + speed / 2) / speed) / 2;
        (now.min(60_000) as u32, u32::from(rules.grain.recent.max(1)))
    }

    /// Puts people on the points of a grid on either side of a value, so many on each that the mean stays.
    fn on_grid(&mut self, value: u32, grain: u32, people: &mut People) -> [(u32, People); 2] {
        let (low, over) = (value / grain * grain, value % grain);
        let upper = if over == 0 {
            0
        } else {
            let share = people.number() as f64 * f64::from(over) / f64::from(grain);
            share as u64 + u64::from(self.grid.uniform() < share.fract())
        };
        let upper = people.take(upper);
        [(low, people.all()), (low + grain, upper)]
    }

    /// The stream of what happens at a place within the day.
    fn going_on(&mut self, place: Place) -> &mut Draws {
        let (streams, today) = (&self.streams, self.today);
        self.going_on[place].get_or_insert_with(|| Box::new(streams.at(today, Purpose::GoOn, place)))
    }

    /// Brings the table of a place up to the moment.
    fn weigh(&mut self, place: Place) -> Result<(), MovementError> {
        let rules = &self.model.instance.settings;
        let (today, epoch, buffer) = (self.today, self.epoch, rules.capacity_buffer);
        let mut table = match self.tables[place].take() {
            Some(table) if table.epoch == epoch => table,
            _ => Box::new(self.table(place)?),
        };
        let room = |place: Place| self.places[place].room(self.occupancy[place], buffer);
        let current = table.day == today && table.limited.iter().all(|(i, then)| room(table.choices[*i].end) == *then);
        if !current {
            table.day = today;
            for (choice, then) in &mut table.limited {
                *then = room(table.choices[*choice].end);
            }
            let forced = table.links.iter().position(|link| self.network.forcing[*link]);
            let forced = forced.filter(|i| room(table.choices[*i].end) > 0.000_001);
            let mut weights: Vec<f64> = if let Some(forced) = forced {
                (0..table.choices.len()).map(|i| f64::from(u8::from(i == forced))).collect()
            } else if rules.awareness_level == 0 {
                vec![1.0; table.choices.len()]
            } else {
                let weight = |(choice, near): (&Choice, &f64)| {
                    let score = rules.weight_softening + self.places[choice.end].score;
                    let weight = score * near * room(choice.end);
                    if rules.weight_power == 1.0 { weight } else { libm::pow(weight, rules.weight_power) }
                };
                table.choices.iter().zip(&table.near).map(weight).collect()
            };
            if rules.pruning_threshold > 1.0 && forced.is_none() {
                let least = weights.iter().copied().fold(0.0, f64::max) / rules.pruning_threshold;
                weights.iter_mut().filter(|w| **w < least).for_each(|w| *w = 0.0);
            }
            table.cumulative = sums(&weights);
            if table.cumulative.last().is_some_and(|total| !(*total > 0.0 && total.is_finite())) {
                table.cumulative = (1..=weights.len()).map(|i| i as f64).collect();
            }
        }
        self.tables[place] = Some(table);
        Ok(())
    }

    fn table(&mut self, place: Place) -> Result<Table, MovementError> {
        let rules = &self.model.instance.settings;
        let awareness = match (rules.awareness_level, rules.compat) {
            (0, Compat::Rules) => 1,
            (level, _) => level,
        };
        let found = self.network.choices(place, awareness)?;
        let mut table = Table {
            epoch: self.epoch,
            day: u32::MAX,
            choices: Vec::with_capacity(found.len()),
            links: Vec::with_capacity(found.len()),
            rests: Vec::with_capacity(found.len()),
            near: Vec::with_capacity(found.len()),
            limited: Vec::new(),
            cumulative: Vec::new(),
        };
        for choice in found {
            let (next, rest, end) = self.network.routes.step(choice.route);
            let Some(link) = self.network.link(place, next) else { continue };
            if self.places[end].capacity >= 1.0 || self.model.instance.capacities.iter().any(|c| self.network.place[c.place] == end) {
                table.limited.push((table.choices.len(), f64::NAN));
            }
            table.near.push(1.0 / libm::pow(rules.softening + choice.km, rules.distance_power));
            table.links.push(link);
            table.rests.push(rest);
            table.choices.push(choice);
        }
        Ok(table)
    }

    /// Everybody on a link travels; who arrives with time left goes on, in the order of how far they have come.
    fn travel(&mut self) -> Result<(), MovementError> {
        let slices = self.slices();
        let mut on = take(&mut self.on);
        let (mut agenda, mut arrived) = (Agenda::default(), Vec::new());
        let sizes: Vec<u64> = on.iter().map(|(_, people)| people.number()).collect();
        for slice in 0..slices {
            for (number, (key, people)) in on.iter_mut().enumerate() {
                // Evenly over the day, each cohort from an offset of its own. Which of a cohort come first does not
                // matter: they are exchangeable.
                let offset = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
                let upto = |slice: u64| {
                    let spread = u128::from(sizes[number]) * u128::from(slice) + u128::from(offset % slices);
                    (spread / u128::from(slices)) as u64
                };
                let some = people.take(upto(slice + 1) - upto(slice));
                self.leg(Whereabouts::of(*key), 0, some, &mut agenda);
            }
            let mut hops = 0;
            while let Some(moved) = agenda.next(&mut arrived) {
                hops += 1;
                for (key, people) in arrived.drain(..) {
                    let Whereabouts { id: place, state, .. } = Whereabouts::of(key);
                    if hops > MOST_HOPS {
                        self.settle(place, state, moved, people);
                    } else {
                        self.go_on(place, state, moved, people, &mut agenda)?;
                    }
                }
            }
        }
        self.going_on.iter_mut().for_each(|draws| *draws = None);
        Ok(())
    }

    /// In how many parts the day is travelled: one where no camp fills up today, more the faster one may.
    fn slices(&self) -> u64 {
        let rules = &self.model.instance.settings;
        let travelling: u64 = self.on.iter().map(|(_, people)| people.number()).sum();
        let most = (1.0 / rules.grain.capacity.max(0.001)).ceil();
        let mut slices: f64 = 1.0;
        for (place, state) in self.places.iter().enumerate().filter(|(_, p)| p.capacity >= 1.0) {
            let people = self.occupancy[place] as f64;
            let full = people + travelling as f64;
            if people < state.capacity && full > rules.capacity_buffer * state.capacity {
                let step = (rules.grain.capacity * (1.0 - rules.capacity_buffer) * state.capacity).max(1.0);
                slices = slices.max((travelling as f64 / step).ceil().min(most));
            }
        }
        slices as u64
    }

    /// A leg of a day's travel.
    fn leg(&mut self, start: Whereabouts, moved: u32, mut people: People, agenda: &mut Agenda) {
        if people.number() == 0 {
            return;
        }
        let rules = &self.model.instance.settings;
        let directed = &self.network.links[start.id];
        let drives = directed.speed.unwrap_or(self.speed);
        let walks = rules.start_on_foot && self.bases.get(start.state).first;
        let speed = if walks { self.walk } else { drives };
        let chance = directed.walk_probability;
        if chance > 0.0 && speed != self.walk {
            let from = directed.from;
            let walkers = self.going_on(from).binomial(people.number(), chance);
            let walkers = people.take(walkers);
            self.covers(start, moved, self.walk, walkers, agenda);
        }
        self.covers(start, moved, speed, people, agenda);
    }

    fn covers(&mut self, start: Whereabouts, moved: u32, speed: u32, mut people: People, agenda: &mut Agenda) {
        if people.number() == 0 {
            return;
        }
        let (from, to, length) = {
            let directed = &self.network.links[start.id];
            (directed.from, directed.to, directed.metres)
        };
        // Flee 3 gives a leg that begins within the day the whole day's distance once more.
        let step = match self.model.instance.settings.compat {
            Compat::Flee => speed,
            Compat::Rules => speed.saturating_sub(moved),
        };
        let covered = start.covered.saturating_add(step);
        if covered <= length {
            self.rest(Whereabouts { covered, ..start }, moved.saturating_add(step), people);
            return;
        }
        let moved = moved.saturating_add(step).saturating_sub(covered - length);
        let (mut base, mut state) = (self.bases.get(start.state), start.state);
        if base.first {
            base.first = false;
            state.base = self.bases.number(base);
        }
        if start.turned {
            self.occupancy[from] += people.number();
            self.settle(from, state, moved, people);
            return;
        }
        if let Status::Returning { target, .. } = base.trip.status
            && usize::from(target) == to
        {
            if base.trip.home == target {
                base.trip.status = Status::Home;
                self.home[to] += people.number();
            } else {
                base.trip.status = Status::Staged;
                self.occupancy[to] += people.number();
            }
            state.base = self.bases.number(base);
            self.settle(to, state, moved, people);
            return;
        }
        self.occupancy[to] += people.number();
        if moved >= speed {
            self.settle(to, state, moved, people);
            return;
        }
        let grain = self.model.instance.settings.grain.metres.max(1);
        for (moved, some) in self.on_grid(moved, grain, &mut people) {
            if some.number() > 0 {
                agenda.add(moved, to, state, some);
            }
        }
    }

    /// People who arrived at a place with some of the day left go on, or stay.
    fn go_on(
        &mut self,
        place: Place,
        state: State,
        moved: u32,
        mut people: People,
        agenda: &mut Agenda,
    ) -> Result<(), MovementError> {
        let whole = u64::from(self.speed);
        let tired = u64::from(state.recent) * whole + u64::from(moved) * PARTS >= PARTS * whole;
        let stints = self.model.instance.settings.avoid_short_stints;
        let base = self.bases.get(state);
        let goes_on = match base.trip.status {
            Status::Returning { .. } => true,
            _ => base.route != NO_ROUTE || (stints && self.places[place].town && !tired),
        };
        let row = self.network.row[place];
        let chance = if goes_on { 1.0 } else { self.places[place].leaving(self.model.instance, row) };
        self.going_on(place);
        let Some(mut draws) = self.going_on[place].take() else { return Ok(()) };
        let mut leaving = people.take(draws.binomial(people.number(), chance));
        self.settle(place, state, moved, people);
        while leaving.number() > 0 {
            let some = leaving.take(self.at_once(place, leaving.number())?);
            self.depart(place, state, moved, some, &mut draws, Some(agenda))?;
        }
        self.going_on[place] = Some(draws);
        Ok(())
    }

    /// How many of those who go on from a place decide at once: few where they may fill a camp, so that nobody sees
    /// room that somebody before them took.
    fn at_once(&mut self, place: Place, number: u64) -> Result<u64, MovementError> {
        let rules = &self.model.instance.settings;
        let (buffer, grain) = (rules.capacity_buffer, rules.grain.capacity.min(AT_ONCE));
        if number == 1 {
            return Ok(1);
        }
        self.weigh(place)?;
        let Some(table) = &self.tables[place] else { return Ok(number) };
        let mut most = number;
        for (choice, room) in &table.limited {
            let end = table.choices[*choice].end;
            let (people, capacity) = (self.occupancy[end] as f64, self.places[end].capacity);
            if *room > 0.0 && capacity >= 1.0 && people + number as f64 > buffer * capacity {
                let before = (buffer * capacity - people).max(0.0);
                let step = before + (grain * (1.0 - buffer) * capacity);
                most = most.min((step as u64).max(1));
            }
        }
        Ok(most)
    }

    /// The next link on the shortest open way to a place, and the way's length in metres.
    pub(super) fn way_home(&mut self, from: Place, target: Place) -> Option<(LinkId, u64)> {
        let network = &self.network;
        self.towards.entry(target).or_insert_with(|| network.towards(target))[from]
    }

    /// Whether a home is known.
    pub(super) fn has_home(trip: Trip) -> bool {
        trip.home != UNKNOWN
    }
}

/// Sums up to each weight.
fn sums(weights: &[f64]) -> Vec<f64> {
    weights
        .iter()
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}
