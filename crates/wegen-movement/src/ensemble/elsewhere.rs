//! Members that run on other machines: those that a file does not hold are sent, and what comes back is kept there.

use std::path::Path;

use super::kept::Kept;
use super::{Ensemble, Outcome};
use crate::MovementError;

/// Takes the number of a member and the bytes of its outcome.
pub type Arrived<'a> = &'a mut dyn FnMut(u64, &[u8]) -> Result<(), MovementError>;

impl Ensemble {
    /// Has all members that `file` does not hold run by `run`, and hands all over in their order: the same outcomes
    /// as of [`Ensemble::each`].
    ///
    /// `run` is given the members with their values, and tells each outcome's bytes as it arrives, in any order.
    /// Where it ends with an error, what arrived is in the file, and a later run, here or elsewhere, goes on from it.
    ///
    /// # Errors
    /// A file that cannot be used, bytes that are no outcome, what `run` or `take` says.
    pub fn each_elsewhere<E: From<MovementError>>(
        &self,
        file: &Path,
        progress: &(dyn Fn(u64, u64) + Sync),
        run: impl FnOnce(&[(u64, Vec<f64>)], Arrived<'_>) -> Result<(), E>,
        mut take: impl FnMut(u64, &Outcome) -> Result<(), MovementError>,
    ) -> Result<(), E> {
        let mut kept = Kept::open(file, &self.hash()?)?;
        let missing: Vec<(u64, Vec<f64>)> =
            (0..self.members()).filter(|m| !kept.holds(*m)).map(|m| (m, self.values(m))).collect();
        let mut done = self.members() - missing.len() as u64;
        progress(done, self.members());
        if !missing.is_empty() {
            run(&missing, &mut |member, bytes| {
                kept.append(member, &Outcome::from_bytes(bytes)?)?;
                done += 1;
                progress(done, self.members());
                Ok(())
            })?;
        }
        for member in 0..self.members() {
            let lost = || MovementError::Instance(format!("member {member} is not there"));
            take(member, &kept.get(member)?.ok_or_else(lost)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Instance, Job, Parameters, Settings};

    fn ensemble(members: u64) -> Ensemble {
        let instance = Instance {
            name: "empty".to_owned(),
            start: jiff::civil::date(2020, 1, 1),
            days: 3,
            locations: Vec::new(),
            links: Vec::new(),
            closures: Vec::new(),
            conflicts: Vec::new(),
            capacities: Vec::new(),
            total: None,
            registered: Vec::new(),
            elsewhere: Vec::new(),
            settings: Settings::default(),
            notes: Vec::new(),
        };
        Ensemble::new(Job::new(instance, 1), Parameters::none(), members).unwrap()
    }

    #[test]
    fn what_arrived_before_an_error_is_not_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("members.bin");
        let all = ensemble(5);
        let bytes = |m: u64| all.job().run(m, &[]).unwrap().to_bytes();
        let lost = all.each_elsewhere(
            &file,
            &|_, _| {},
            |members, arrived| {
                members.iter().rev().take(2).try_for_each(|(m, _)| arrived(*m, &bytes(*m)))?;
                Err(MovementError::Instance("lost".to_owned()))
            },
            |_, _| Ok(()),
        );
        assert!(lost.unwrap_err().to_string().contains("lost"));
        let mut seen = Vec::new();
        all.each_elsewhere(
            &file,
            &|_, _| {},
            |members, arrived| {
                let asked: Vec<u64> = members.iter().map(|(m, _)| *m).collect();
                assert_eq!(asked, [0, 1, 2]);
                members.iter().try_for_each(|(m, _)| arrived(*m, &bytes(*m)))
            },
            |member, _| {
                seen.push(member);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(seen, [0, 1, 2, 3, 4]);
    }
}
