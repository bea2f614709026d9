//! The rules' parameters: Flee's keys, defaults and units, and which of two readings of the rules is meant.

use serde::{Deserialize, Serialize};

/// Which reading of the rules a run follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compat {
    /// The rules as they are described.
    #[default]
    Rules,
    /// What Flee 3 is observed to do, where that differs: for comparison with published runs.
    Flee,
}

/// Where new displaced people come from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// The increase of the registrations, day by day (`sum_from_camps` says of which).
    Registered {
        /// The sum over the camps, and not the total of its own.
        sum_from_camps: bool,
    },
    /// A number for each conflict day at full intensity.
    Constant {
        /// Persons a day and conflict zone.
        persons: f64,
    },
    /// Poisson with this mean for each conflict day at full intensity.
    Poisson {
        /// Persons a day and conflict zone.
        persons: f64,
    },
    /// A share of the population for each conflict day at full intensity.
    Share {
        /// Of the population of the zone, a day.
        share: f64,
    },
    /// Poisson with a mean of this share of population × intensity × decay: for what has not happened yet.
    Hazard {
        /// Of population × intensity × decay, a day.
        rate: f64,
    },
}

/// How finely states are told apart: coarser is faster, and approximate.
///
/// Groups that are in the same step of recent travel and of distance, and are otherwise in the same state, become one,
/// which is where they were on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Grain {
    /// Steps of the index of recent travel, in 1/1024: 1 is as good as exact.
    pub recent: u16,
    /// Of how many steps a day's travel is: those of the distance covered on a link and of that travelled today.
    pub travel: u32,
    /// A capacity factor may change by this share of its range within a sub-step of the day.
    pub capacity: f64,
}

impl Default for Grain {
    fn default() -> Grain {
        Grain { recent: 512, travel: 4, capacity: 1.0 }
    }
}

impl Grain {
    /// The finest: for measuring what the coarser one costs.
    pub const FINEST: Grain = Grain { recent: 1, travel: u32::MAX, capacity: 0.01 };
}

/// All parameters of the rules. Distances in km, speeds in km a day, chances a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Which reading of the rules.
    pub compat: Compat,
    /// How finely states are told apart.
    pub grain: Grain,
    /// Where new displaced people come from.
    pub arrivals: Arrivals,
    /// Camps start with their count of day 0 (`insert_day0`).
    pub insert_day0: bool,
    /// Camps start empty, and registrations are counted from there (`empty_camps_on_day0`).
    pub empty_camps_on_day0: bool,
    /// Those who leave are taken from the population (`take_from_population`).
    pub take_from_population: bool,
    /// Factors by interval of a conflict, for spawning and for scores; none where empty (`conflict_spawn_decay`).
    pub conflict_decay: Vec<f64>,
    /// Days of an interval (`conflict_spawn_decay_interval`).
    pub conflict_decay_interval: u32,
    /// Km a day (`max_move_speed`).
    pub max_move_speed: f64,
    /// Km a day on foot (`max_walk_speed`).
    pub max_walk_speed: f64,
    /// The first leg is walked (`start_on_foot`).
    pub start_on_foot: bool,
    /// People in towns go on where they have not yet travelled enough (`avoid_short_stints`).
    pub avoid_short_stints: bool,
    /// Factor of a score abroad (`foreign_weight`).
    pub foreign_weight: f64,
    /// Factor of a camp's score (`camp_weight`).
    pub camp_weight: f64,
    /// Factor of the score of a conflict zone at full intensity (`conflict_weight`).
    pub conflict_weight: f64,
    /// Chance to leave a conflict zone (`conflict_movechance`).
    pub conflict_movechance: f64,
    /// Chance to leave a camp (`camp_movechance`).
    pub camp_movechance: f64,
    /// Chance to leave a camp of internally displaced people (`idpcamp_movechance`).
    pub idpcamp_movechance: f64,
    /// Chance to leave a town (`default_movechance`).
    pub default_movechance: f64,
    /// How many links ahead people know of (`awareness_level`).
    pub awareness_level: u32,
    /// Multiplies capacities (`capacity_scaling`).
    pub capacity_scaling: f64,
    /// Share of a capacity from which a camp counts as filling up (`capacity_buffer`).
    pub capacity_buffer: f64,
    /// Km added to each distance (`softening`).
    pub softening: f64,
    /// Added to each score (`weight_softening`).
    pub weight_softening: f64,
    /// Exponent of distance (`distance_power`).
    pub distance_power: f64,
    /// Exponent of the whole weight (`weight_power`).
    pub weight_power: f64,
    /// Routes lighter than the heaviest divided by this are dropped, above 1 (`pruning_threshold`).
    pub pruning_threshold: f64,
    /// Scores of towns and conflict zones grow with population (`use_pop_for_loc_weight`).
    pub use_pop_for_loc_weight: bool,
    /// Exponent of that (`pop_power_for_loc_weight`).
    pub pop_power_for_loc_weight: f64,
    /// Population at which move chances are as given (`movechance_pop_base`).
    pub movechance_pop_base: f64,
    /// Exponent of the population's effect on move chances (`movechance_pop_scale_factor`).
    pub movechance_pop_scale_factor: f64,
    /// All counts are divided by this (`hasten`).
    pub hasten: u64,
}

/// The one parameter that is a whole number.
const AWARENESS: &str = "awareness_level";

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            compat: Compat::Rules,
            grain: Grain::default(),
            arrivals: Arrivals::Registered { sum_from_camps: true },
            insert_day0: true,
            empty_camps_on_day0: false,
            take_from_population: false,
            conflict_decay: Vec::new(),
            conflict_decay_interval: 30,
            max_move_speed: 360.0,
            max_walk_speed: 35.0,
            start_on_foot: false,
            avoid_short_stints: false,
            foreign_weight: 1.0,
            camp_weight: 1.0,
            conflict_weight: 1.0 / 3.162_277_660_17,
            conflict_movechance: 1.0,
            camp_movechance: 0.001,
            idpcamp_movechance: 0.1,
            default_movechance: 0.3,
            awareness_level: 1,
            capacity_scaling: 1.0,
            capacity_buffer: 0.9,
            softening: 10.0,
            weight_softening: 0.0,
            distance_power: 1.0,
            weight_power: 1.0,
            pruning_threshold: 1.0,
            use_pop_for_loc_weight: false,
            pop_power_for_loc_weight: 0.1,
            movechance_pop_base: 10_000.0,
            movechance_pop_scale_factor: 0.0,
            hasten: 1,
        }
    }
}

impl Settings {
    /// The settings with which the field validates its public instances (`simsetting.yml` of that sweep).
    pub fn validation() -> Settings {
        Settings {
            conflict_decay: vec![1.0, 1.0, 1.0, 0.5, 0.1],
            max_move_speed: 400.0,
            softening: 50.0,
            default_movechance: 0.5,
            avoid_short_stints: true,
            capacity_scaling: 1.25,
            distance_power: 0.75,
            conflict_weight: 0.25,
            ..Settings::default()
        }
    }

    /// A parameter by Flee's name, for priors and calibration; `None` for a name that is not a number of ours.
    pub fn get(&self, name: &str) -> Option<f64> {
        if name == AWARENESS {
            return Some(f64::from(self.awareness_level));
        }
        let mut copy = self.clone();
        copy.slot(name).map(|slot| *slot)
    }

    /// Sets a parameter by Flee's name, a whole number to the nearest; `false` for a name that is not a number of ours.
    pub fn set(&mut self, name: &str, value: f64) -> bool {
        if name == AWARENESS {
            self.awareness_level = value.round() as u32;
            return true;
        }
        match self.slot(name) {
            Some(slot) => {
                *slot = value;
                true
            }
            None => false,
        }
    }

    /// The names that [`Settings::set`] knows.
    pub const NAMES: [&str; 20] = [
        "max_move_speed",
        "max_walk_speed",
        "foreign_weight",
        "camp_weight",
        "conflict_weight",
        "conflict_movechance",
        "camp_movechance",
        "idpcamp_movechance",
        "default_movechance",
        "capacity_scaling",
        "capacity_buffer",
        "softening",
        "weight_softening",
        "distance_power",
        "weight_power",
        "pruning_threshold",
        "pop_power_for_loc_weight",
        "movechance_pop_base",
        "movechance_pop_scale_factor",
        AWARENESS,
    ];

    fn slot(&mut self, name: &str) -> Option<&mut f64> {
        Some(match name {
            "max_move_speed" => &mut self.max_move_speed,
            "max_walk_speed" => &mut self.max_walk_speed,
            "foreign_weight" => &mut self.foreign_weight,
            "camp_weight" => &mut self.camp_weight,
            "conflict_weight" => &mut self.conflict_weight,
            "conflict_movechance" => &mut self.conflict_movechance,
            "camp_movechance" => &mut self.camp_movechance,
            "idpcamp_movechance" => &mut self.idpcamp_movechance,
            "default_movechance" => &mut self.default_movechance,
            "capacity_scaling" => &mut self.capacity_scaling,
            "capacity_buffer" => &mut self.capacity_buffer,
            "softening" => &mut self.softening,
            "weight_softening" => &mut self.weight_softening,
            "distance_power" => &mut self.distance_power,
            "weight_power" => &mut self.weight_power,
            "pruning_threshold" => &mut self.pruning_threshold,
            "pop_power_for_loc_weight" => &mut self.pop_power_for_loc_weight,
            "movechance_pop_base" => &mut self.movechance_pop_base,
            "movechance_pop_scale_factor" => &mut self.movechance_pop_scale_factor,
            _ => return None,
        })
    }

    /// What is out of its range, in words; `None` where all is well.
    pub fn fault(&self) -> Option<String> {
        let chances = ["conflict_movechance", "camp_movechance", "idpcamp_movechance", "default_movechance"];
        for name in Settings::NAMES {
            let value = self.get(name).unwrap_or(f64::NAN);
            let (low, high) = match name {
                _ if chances.contains(&name) => (0.0, 1.0),
                "capacity_buffer" => (0.0, 1.0),
                AWARENESS => (0.0, 10.0),
                "max_move_speed" | "max_walk_speed" => (0.001, 4_000_000.0),
                "movechance_pop_base" => (1e-9, 1e15),
                "distance_power"
                | "weight_power"
                | "pop_power_for_loc_weight"
                | "movechance_pop_scale_factor" => (-20.0, 20.0),
                _ => (0.0, 1e12),
            };
            if !(low..=high).contains(&value) {
                return Some(format!("{name} is {value}; a number from {low} to {high} was expected"));
            }
        }
        let decays = &self.conflict_decay;
        if let Some(bad) = decays.iter().find(|d| !(0.0..=1e6).contains(*d)) {
            return Some(format!("conflict_spawn_decay holds {bad}; numbers from 0 were expected"));
        }
        let rate = match self.arrivals {
            Arrivals::Registered { .. } => 0.0,
            Arrivals::Constant { persons } | Arrivals::Poisson { persons } => persons,
            Arrivals::Share { share } => share,
            Arrivals::Hazard { rate } => rate,
        };
        if !(0.0..=1e12).contains(&rate) {
            return Some(format!("displaced_per_conflict_day is {rate}; a number from 0 was expected"));
        }
        if self.conflict_decay_interval == 0 {
            return Some("conflict_spawn_decay_interval is 0; at least a day was expected".to_owned());
        }
        if self.hasten == 0 {
            return Some("hasten is 0; at least 1 was expected".to_owned());
        }
        None
    }

    /// The factor of a conflict of this many days.
    pub(crate) fn decay(&self, days: i64) -> f64 {
        let step = (days.max(0) / i64::from(self.conflict_decay_interval)) as usize;
        match self.conflict_decay.last() {
            None => 1.0,
            Some(last) => *self.conflict_decay.get(step).unwrap_or(last),
        }
    }
}
