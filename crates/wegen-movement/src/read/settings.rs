//! `simsetting.yml`: what each key means here, what is refused, and what is reported.

use std::path::Path;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

use crate::{Arrivals, MovementError, Settings};

/// Settings that would change a result and are not supported: refused where they are switched on.
const UNSUPPORTED: [(&str, &str); 19] = [
    ("flood_zone_spawning_only", "floods"),
    ("flood_driven_spawning", "floods"),
    ("flood_rules", "floods"),
    ("starvation_driven_spawning", "food security"),
    ("flee_when_starving", "food security"),
    ("read_from_agents_csv_file", "persons one by one"),
    ("children_avoid_hazards", "attributes of persons"),
    ("elderly_avoid_hazards", "attributes of persons"),
    ("boys_take_risk", "attributes of persons"),
    ("match_camp_ethnicity", "attributes of persons"),
    ("match_town_ethnicity", "attributes of persons"),
    ("match_conflict_ethnicity", "attributes of persons"),
    ("match_camp_religion", "attributes of persons"),
    ("match_town_religion", "attributes of persons"),
    ("stay_close_to_home", "distance to home in the choice of a route"),
    ("use_economic_pull", "economic pull in the choice of a route"),
    ("two_system_decision_making", "two ways of deciding"),
    // Flee reads `camps_are_sinks` under this name.
    ("camps_are_sicks", "people who leave the simulation in camps"),
    ("use_v1_rules", "the rules of version 1"),
];

/// Settings that are read by Flee and change nothing in what it computes from a file, or only what it prints.
const WITHOUT_EFFECT: [&str; 5] = [
    "number_of_steps",
    "conflict_input_file",
    "camps_are_sinks",
    "max_crossing_speed",
    "home_distance_power",
];

/// The settings in a file, and what there is to say about them: keys that nobody knows, keys without effect.
///
/// # Errors
/// Names the line of a key whose value is not what it should be, or that is not supported.
pub fn read_settings(path: &Path) -> Result<(Settings, Vec<String>), MovementError> {
    let name =
        path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    let text = std::fs::read_to_string(path).map_err(|e| MovementError::file(&name, e.to_string()))?;
    parse(&name, &text)
}

fn parse(file: &str, text: &str) -> Result<(Settings, Vec<String>), MovementError> {
    // A setting nests two deep; nothing legitimate comes near this, and a deep nest could exhaust the stack.
    if text.len() > 1 << 20 || text.bytes().filter(|b| matches!(b, b'[' | b'{')).count() > 64 {
        return Err(MovementError::file(file, "a page of keys and values was expected"));
    }
    let documents = MarkedYaml::load_from_str(text)
        .map_err(|e| MovementError::line(file, e.marker().line(), e.info().to_owned()))?;
    let mut reading = Reading {
        file,
        settings: Settings::default(),
        notes: Vec::new(),
        sum_from_camps: true,
        driven: None,
    };
    for document in &documents {
        if let YamlData::Value(Scalar::Null) = document.data {
            continue;
        }
        for (key, line, value) in reading.mapping(document)? {
            match key.as_str() {
                "log_levels" => {}
                "spawn_rules" | "move_rules" | "optimisations" => {
                    if !matches!(value.data, YamlData::Value(Scalar::Null)) {
                        for (key, line, value) in reading.mapping(value)? {
                            reading.take(&key, line, value)?;
                        }
                    }
                }
                _ => reading.take(&key, line, value)?,
            }
        }
    }
    let mut settings = reading.settings;
    settings.arrivals =
        reading.driven.unwrap_or(Arrivals::Registered { sum_from_camps: reading.sum_from_camps });
    Ok((settings, reading.notes))
}

struct Reading<'f> {
    file: &'f str,
    settings: Settings,
    notes: Vec<String>,
    sum_from_camps: bool,
    driven: Option<Arrivals>,
}

type Node<'y> = MarkedYaml<'y>;
/// A key in small letters, its line, and its value.
type Pair<'a, 'y> = (String, usize, &'a Node<'y>);

impl Reading<'_> {
    fn fault(&self, node: &Node<'_>, message: String) -> MovementError {
        MovementError::line(self.file, node.span.start.line(), message)
    }

    fn mapping<'a, 'y>(&self, node: &'a Node<'y>) -> Result<Vec<Pair<'a, 'y>>, MovementError> {
        let YamlData::Mapping(mapping) = &node.data else {
            return Err(self.fault(node, "keys and values were expected".to_owned()));
        };
        mapping
            .iter()
            .map(|(key, value)| match &key.data {
                YamlData::Value(Scalar::String(text)) => {
                    Ok((text.to_lowercase(), key.span.start.line(), value))
                }
                _ => Err(self.fault(key, "a key in words was expected".to_owned())),
            })
            .collect()
    }

    fn number(&self, key: &str, node: &Node<'_>) -> Result<f64, MovementError> {
        let value = match &node.data {
            YamlData::Value(Scalar::Integer(n)) => Some(*n as f64),
            YamlData::Value(Scalar::FloatingPoint(f)) => Some(f.into_inner()),
            _ => None,
        };
        value
            .filter(|v| v.is_finite())
            .ok_or_else(|| self.fault(node, format!("{key}: a number was expected")))
    }

    fn whole(&self, key: &str, node: &Node<'_>) -> Result<u64, MovementError> {
        match &node.data {
            YamlData::Value(Scalar::Integer(n)) if *n >= 0 => Ok(*n as u64),
            _ => Err(self.fault(node, format!("{key}: a whole number from 0 was expected"))),
        }
    }

    fn truth(&self, key: &str, node: &Node<'_>) -> Result<bool, MovementError> {
        match &node.data {
            YamlData::Value(Scalar::Boolean(b)) => Ok(*b),
            YamlData::Value(Scalar::Integer(n @ 0..=1)) => Ok(*n == 1),
            YamlData::Value(Scalar::String(s)) if matches!(s.to_lowercase().as_str(), "yes" | "on") => {
                Ok(true)
            }
            YamlData::Value(Scalar::String(s)) if matches!(s.to_lowercase().as_str(), "no" | "off") => {
                Ok(false)
            }
            YamlData::Value(Scalar::Null) => Ok(false),
            _ => Err(self.fault(node, format!("{key}: True or False was expected"))),
        }
    }

    fn is_off(node: &Node<'_>) -> bool {
        match &node.data {
            YamlData::Value(Scalar::Null | Scalar::Boolean(false) | Scalar::Integer(0)) => true,
            YamlData::Value(Scalar::FloatingPoint(f)) => f.into_inner() == 0.0,
            YamlData::Value(Scalar::String(s)) => matches!(s.to_lowercase().as_str(), "no" | "off" | "false"),
            _ => false,
        }
    }

    fn note(&mut self, line: usize, said: String) {
        self.notes.push(format!("{}: line {line}: {said}", self.file));
    }

    /// A setting, with the line on which its key stands.
    fn take(&mut self, key: &str, line: usize, node: &Node<'_>) -> Result<(), MovementError> {
        let key = &key.replace(' ', "_");
        let number = !["max_crossing_speed", "awareness_level"].contains(&key.as_str());
        if number && self.settings.get(key).is_some() {
            let value = self.number(key, node)?;
            self.settings.set(key, value);
            return self.checked(node);
        }
        match key.as_str() {
            "insert_day0" => self.settings.insert_day0 = self.truth(key, node)?,
            "empty_camps_on_day0" => self.settings.empty_camps_on_day0 = self.truth(key, node)?,
            "take_from_population" => self.settings.take_from_population = self.truth(key, node)?,
            "sum_from_camps" => self.sum_from_camps = self.truth(key, node)?,
            "start_on_foot" => self.settings.start_on_foot = self.truth(key, node)?,
            "avoid_short_stints" => self.settings.avoid_short_stints = self.truth(key, node)?,
            "use_pop_for_loc_weight" => self.settings.use_pop_for_loc_weight = self.truth(key, node)?,
            "hasten" => self.settings.hasten = self.whole(key, node)?,
            "conflict_spawn_decay_interval" => {
                let days = self.whole(key, node)?;
                self.settings.conflict_decay_interval = u32::try_from(days).unwrap_or(u32::MAX);
            }
            "awareness_level" => match &node.data {
                YamlData::Value(Scalar::Integer(n @ 0..=10)) => self.settings.awareness_level = *n as u32,
                _ => {
                    return Err(self.fault(
                        node,
                        "awareness_level: a whole number from 0 to 10 was expected".to_owned(),
                    ));
                }
            },
            "conflict_spawn_decay" => match &node.data {
                YamlData::Sequence(values) => {
                    self.settings.conflict_decay =
                        values.iter().map(|v| self.number(key, v)).collect::<Result<_, _>>()?;
                }
                YamlData::Value(Scalar::Null) => self.settings.conflict_decay.clear(),
                _ => {
                    return Err(
                        self.fault(node, "conflict_spawn_decay: a list of numbers was expected".to_owned())
                    );
                }
            },
            "conflict_driven_spawning" if !Reading::is_off(node) => self.driven = Some(self.driven(node)?),
            "conflict_driven_spawning" => {}
            "conflict_zone_spawning_only" => {
                if !self.truth(key, node)? {
                    self.note(
                        line,
                        format!(
                            "{key} is not followed where it is off: people leave places with conflict alone"
                        ),
                    );
                }
            }
            _ if WITHOUT_EFFECT.contains(&key.as_str()) => {
                if !Reading::is_off(node) {
                    self.note(line, format!("{key} has no effect"));
                }
            }
            _ => {
                // Flee writes some of them as one word.
                let bare = |name: &str| name.replace('_', "");
                match UNSUPPORTED.iter().find(|(name, _)| bare(name) == bare(key)) {
                    Some(_) if Reading::is_off(node) => {}
                    Some((_, what)) => {
                        let said = format!("{key} is not supported ({what}); switch it off");
                        return Err(MovementError::line(self.file, line, said));
                    }
                    None => {
                        self.note(line, format!("{key} is not a setting that is known, and is not followed"))
                    }
                }
            }
        }
        self.checked(node)
    }

    /// A value out of range is told at its own line.
    fn checked(&self, node: &Node<'_>) -> Result<(), MovementError> {
        match self.settings.fault() {
            Some(fault) => Err(self.fault(node, fault)),
            None => Ok(()),
        }
    }

    fn driven(&self, node: &Node<'_>) -> Result<Arrivals, MovementError> {
        let (mut mode, mut rate) = ("constant".to_owned(), None);
        for (key, _, value) in self.mapping(node)? {
            match key.as_str() {
                "spawn_mode" => match &value.data {
                    YamlData::Value(Scalar::String(text)) => mode = text.to_lowercase(),
                    _ => return Err(self.fault(value, "spawn_mode: a word was expected".to_owned())),
                },
                "displaced_per_conflict_day" => rate = Some(self.number(&key, value)?),
                _ => {
                    return Err(
                        self.fault(value, format!("{key} is not a setting of conflict_driven_spawning"))
                    );
                }
            }
        }
        let persons = rate.unwrap_or(500.0);
        Ok(match mode.as_str() {
            "constant" => Arrivals::Constant { persons },
            "poisson" => Arrivals::Poisson { persons },
            "pop_ratio" => Arrivals::Share { share: rate.unwrap_or(0.01) },
            // Of this program alone: Flee 3 does not know it.
            "hazard" => Arrivals::Hazard { rate: rate.unwrap_or(0.01) },
            _ => {
                return Err(self.fault(
                    node,
                    format!("spawn_mode is {mode}; constant, Poisson, pop_ratio or hazard was expected"),
                ));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_defaults_and_lists() {
        let text = "spawn_rules:\n  sum_from_camps: False\n  conflict_spawn_decay: [1.0,0.5]\nmove_rules:\n  \
                    softening: 50\n  avoid_short_stints: True\noptimisations:\n  hasten: 10\n";
        let (settings, notes) = parse("simsetting.yml", text).unwrap();
        assert_eq!(settings.arrivals, Arrivals::Registered { sum_from_camps: false });
        assert_eq!(settings.conflict_decay, [1.0, 0.5]);
        assert_eq!((settings.softening, settings.hasten, settings.max_move_speed), (50.0, 10, 360.0));
        assert!(settings.avoid_short_stints && notes.is_empty());
    }

    #[test]
    fn what_is_not_supported_is_refused_with_its_line_and_what_is_unknown_is_reported() {
        let refused =
            parse("s.yml", "move_rules:\n  softening: 1\n  stay_close_to_home: True\n").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "s.yml: line 3: stay_close_to_home is not supported (distance to home in the choice of a route); switch it off"
        );
        let (_, notes) =
            parse("s.yml", "move_rules:\n  stay_close_to_home: False\n  sofftening: 3\n").unwrap();
        assert_eq!(notes, ["s.yml: line 3: sofftening is not a setting that is known, and is not followed"]);
    }

    #[test]
    fn rules_that_flee_writes_as_one_word_are_refused_as_the_others() {
        for (text, said) in [
            ("move_rules:\n  ElderlyAvoidHazards: True\n", "line 2: elderlyavoidhazards is not supported"),
            ("move_rules:\n  ChildrenAvoidHazards: True\n", "line 2: childrenavoidhazards is not supported"),
            ("move_rules:\n  use_economic_pull: True\n", "line 2: use_economic_pull is not supported"),
            ("move_rules:\n  flood_rules:\n    max_flood_level: 4\n", "line 2: flood_rules is not supported"),
        ] {
            let error = parse("s.yml", text).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?} gave {error:?}");
            if let Some(rule) = text.strip_suffix("True\n") {
                assert_eq!(parse("s.yml", &format!("{rule}False\n")).unwrap().1, [""; 0], "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_unknown_is_noted_whatever_its_value() {
        for value in ["True", "False", "0", "0.5", "[1, 2]", "words", "", "\n    depth: 3"] {
            let (_, notes) = parse("s.yml", &format!("move_rules:\n  new_rule: {value}\n")).unwrap();
            let said = "s.yml: line 2: new_rule is not a setting that is known, and is not followed";
            assert_eq!(notes, [said], "{value:?}");
        }
        let (_, notes) = parse("s.yml", "spawn_rules:\n  conflict_zone_spawning_only: False\n").unwrap();
        assert!(notes[0].contains("line 2") && notes[0].contains("places with conflict alone"), "{notes:?}");
        let (_, notes) = parse("s.yml", "spawn_rules:\n  conflict_zone_spawning_only: True\n").unwrap();
        assert_eq!(notes, [""; 0]);
    }

    #[test]
    fn hostile_values_are_named() {
        for (text, said) in [
            ("move_rules:\n  softening: .nan\n", "line 2"),
            ("move_rules:\n  camp_movechance: 1.5\n", "from 0 to 1"),
            ("move_rules: 3\n", "keys and values"),
            ("move_rules:\n  awareness_level: -1\n", "from 0 to 10"),
            ("optimisations:\n  hasten: 0\n", "at least 1"),
            ("a: [1\n", "line"),
        ] {
            let error = parse("s.yml", text).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?} gave {error:?}");
        }
    }
}
