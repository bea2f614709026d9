//! Numbers of people that can be split and joined, and neither copied nor made up.

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

/// A group of people in the same state, under the number of that state.
pub(super) type Cohort = (u128, People);

/// Slots of a [`Gathering`]: a power of two.
const SLOTS: usize = 2_048;

/// Groups that come together: people in the same state join, mostly at once, and in the end all.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    cohorts: Vec<Cohort>,
    /// Where a group with this hash was last seen, from 1.
    slots: Vec<u32>,
}

impl Gathering {
    /// Adds people to the group of a state.
    pub(super) fn add(&mut self, key: u128, people: People) {
        if people.number() == 0 {
            return;
        }
        if self.cohorts.len() < 8 {
            match self.cohorts.iter_mut().find(|(k, _)| *k == key) {
                Some((_, there)) => there.join(people),
                None => self.cohorts.push((key, people)),
            }
            return;
        }
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, 0);
        }
        let folded = (key as u64) ^ ((key >> 64) as u64).rotate_left(29);
        let slot = (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53) as usize;
        let seen = self.slots[slot] as usize;
        if let Some((k, there)) = seen.checked_sub(1).and_then(|i| self.cohorts.get_mut(i))
            && *k == key
        {
            there.join(people);
            return;
        }
        self.cohorts.push((key, people));
        self.slots[slot] = u32::try_from(self.cohorts.len()).unwrap_or(0);
    }

    /// All groups, each state once, in the order of their numbers; the gathering is empty afterwards.
    pub(super) fn take(&mut self, into: &mut Vec<Cohort>) {
        into.clear();
        std::mem::swap(into, &mut self.cohorts);
        self.slots.fill(0);
        into.sort_unstable_by_key(|(key, _)| *key);
        into.dedup_by(|(next, more), (key, people)| {
            let same = next == key;
            if same {
                people.join(more.all());
            }
            same
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn gathering_loses_nobody_and_keeps_states_apart(groups in prop::collection::vec((0u128..40, 0u64..100), 0..300)) {
            let (mut register, mut gathering) = (Register::default(), Gathering::default());
            let mut expected = std::collections::BTreeMap::<u128, u64>::new();
            for (key, number) in groups {
                let key = key << 90 | key;
                gathering.add(key, register.enter(number));
                if number > 0 {
                    *expected.entry(key).or_default() += number;
                }
            }
            let mut all = Vec::new();
            gathering.take(&mut all);
            prop_assert_eq!(all.iter().map(|(_, p)| p.number()).sum::<u64>(), register.entered());
            prop_assert!(all.iter().map(|(k, p)| (*k, p.number())).eq(expected));
        }
    }
}
