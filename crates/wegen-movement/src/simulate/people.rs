//! Numbers of people that can be split and joined, and neither copied nor made up.

use super::{State, Whereabouts};
use crate::Settings;
use crate::network::metres;

/// A number of people. It cannot be copied: people are taken from one group and join another, and new ones come
/// from a [`Register`] alone, so that nobody is lost or counted twice.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "people who join no group are lost"]
pub(super) struct People(u64);

impl People {
    pub(super) fn number(&self) -> u64 {
        self.0
    }

    /// Takes some of them, at most all.
    pub(super) fn take(&mut self, number: u64) -> People {
        let taken = number.min(self.0);
        self.0 -= taken;
        People(taken)
    }

    /// Takes all of them.
    pub(super) fn all(&mut self) -> People {
        std::mem::replace(self, People(0))
    }

    pub(super) fn join(&mut self, others: People) {
        self.0 += others.0;
    }
}

/// Where people come into a run, and how many did.
#[derive(Debug, Default)]
pub(super) struct Register {
    entered: u64,
}

impl Register {
    pub(super) fn enter(&mut self, number: u64) -> People {
        self.entered += number;
        People(number)
    }

    pub(super) fn entered(&self) -> u64 {
        self.entered
    }
}

/// A group of people in the same state.
pub(super) type Cohort = (Whereabouts, People);

/// Slots of a [`Gathering`]: a power of two.
const SLOTS: usize = 2_048;

/// People whose states differ in distance and recent travel alone, and there by less than a step of the grain.
#[derive(Debug)]
struct Group {
    key: u128,
    people: People,
    /// Sums over persons.
    metres: u128,
    recent: u128,
}

impl Group {
    fn join(&mut self, other: &mut Group) {
        self.people.join(other.people.all());
        self.metres += other.metres;
        self.recent += other.recent;
    }

    /// The group as a cohort: everybody is where they are on average, to a metre.
    fn cohort(self) -> Cohort {
        let number = self.people.number().max(1);
        let mean = |sum: u128| match u64::try_from(sum) {
            Ok(sum) => (sum.saturating_add(number / 2) / number) as u32,
            Err(_) => (sum / u128::from(number)) as u32,
        };
        let (covered, recent) = (mean(self.metres), mean(self.recent));
        let here = Whereabouts::of(self.key);
        (Whereabouts { covered, state: State { recent, ..here.state }, ..here }, self.people)
    }
}

/// Who differs by less than a step joins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    pub(super) metres: u32,
    /// Parts of the index of recent travel.
    recent: u32,
}

impl Steps {
    pub(super) fn of(rules: &Settings) -> Steps {
        let day = metres(rules.max_move_speed);
        Steps {
            metres: (day / rules.grain.travel.max(1)).max(1),
            recent: u32::from(rules.grain.recent.max(1)),
        }
    }
}

/// Groups that come together: people in nearly the same state join, mostly at once, and in the end all.
///
/// Where two groups join, their distance covered and their recent travel become the mean over persons.
#[derive(Debug)]
pub(super) struct Gathering {
    groups: Vec<Group>,
    /// Where a group with this hash was last seen, from 1. What is left from an earlier use leads to no other group: keys
    /// are compared.
    slots: Vec<u32>,
    steps: Steps,
}

impl Gathering {
    pub(super) fn new(steps: Steps) -> Gathering {
        Gathering { groups: Vec::new(), slots: Vec::new(), steps }
    }

    /// Adds people to the group of their state.
    pub(super) fn add(&mut self, here: Whereabouts, people: People) {
        let number = u128::from(people.number());
        if number == 0 {
            return;
        }
        let state = State { recent: here.state.recent / self.steps.recent, ..here.state };
        let key = Whereabouts { covered: here.covered / self.steps.metres, state, ..here }.key();
        let (metres, recent) = (number * u128::from(here.covered), number * u128::from(here.state.recent));
        let mut group = Group { key, people, metres, recent };
        if self.groups.len() < 8 {
            match self.groups.iter_mut().find(|there| there.key == key) {
                Some(there) => there.join(&mut group),
                None => self.groups.push(group),
            }
            return;
        }
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, 0);
        }
        let folded = (key as u64) ^ ((key >> 64) as u64).rotate_left(29);
        let slot = (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53) as usize;
        let seen = self.slots[slot] as usize;
        if let Some(there) = seen.checked_sub(1).and_then(|i| self.groups.get_mut(i))
            && there.key == key
        {
            there.join(&mut group);
            return;
        }
        self.groups.push(group);
        self.slots[slot] = u32::try_from(self.groups.len()).unwrap_or(0);
    }

    /// All groups, each state once, in the order of their states; the gathering is empty afterwards.
    pub(super) fn take(&mut self, into: &mut Vec<Cohort>) {
        into.clear();
        self.groups.sort_unstable_by_key(|group| group.key);
        self.groups.dedup_by(|next, there| {
            let same = next.key == there.key;
            if same {
                there.join(next);
            }
            same
        });
        into.extend(self.groups.drain(..).map(Group::cohort));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn gathering_loses_nobody_and_keeps_states_apart(groups in prop::collection::vec((0u128..40, 0u64..100), 0..300)) {
            let (mut register, mut gathering) = (Register::default(), Gathering::new(Steps::of(&Settings::default())));
            let mut expected = std::collections::BTreeMap::<u128, u64>::new();
            for (key, number) in groups {
                let here = Whereabouts { id: key as usize, covered: 7, turned: false, state: State { base: 3, recent: 9 } };
                gathering.add(here, register.enter(number));
                if number > 0 {
                    *expected.entry(here.key()).or_default() += number;
                }
            }
            let mut all = Vec::new();
            gathering.take(&mut all);
            prop_assert_eq!(all.iter().map(|(_, p)| p.number()).sum::<u64>(), register.entered());
            prop_assert!(all.iter().map(|(here, p)| (here.key(), p.number())).eq(expected));
        }
    }
}
