//! A run in the columns of Flee's output, so that scripts that read those go on working.

use std::fmt::Write as _;

use crate::{Compat, Instance, Model, Run};

/// The table that Flee's run script prints: a line a day, three columns for each scored camp, then totals.
///
/// With [`Compat::Flee`] the date is a day late, as there. The raw count is the registrations' own total of the day
/// (Flee counts day 0 of it twice).
pub fn flee_table(model: &Model<'_>, run: &Run) -> String {
    let instance: &Instance = model.instance();
    let camps = instance.scored();
    let mut table = String::from("Day,Date");
    for camp in &camps {
        let name = &instance.locations[*camp].name;
        let _ = write!(table, ",{name} sim,{name} data,{name} error");
    }
    table.push_str(
        ",Total error,refugees in camps (UNHCR),total refugees (simulation),raw UNHCR refugee count,refugees in camps \
         (simulation),refugee_debt\n",
    );
    let late = u32::from(instance.settings.compat == Compat::Flee);
    for day in 0..run.days() {
        let counts = run.day(day);
        let _ = write!(table, "{day},{}", instance.date(day + late));
        let (mut apart, mut registered, mut simulated) = (0.0, 0u64, 0u64);
        for camp in &camps {
            let (sim, data) = (counts.persons[*camp], instance.registered_at(*camp, day).unwrap_or(0));
            let error = if data == 0 { 0.0 } else { (sim as f64 / data as f64 - 1.0).abs() };
            let _ = write!(table, ",{sim},{data},{}", rounded(error));
            apart += (sim as f64 - data as f64).abs();
            registered += data;
            simulated += sim;
        }
        let raw = model.registered_total(day);
        let error = if raw > 0 { apart / raw as f64 } else { 0.0 };
        let debt = model.debts()[day as usize];
        let _ = writeln!(table, ",{error},{registered},{},{raw},{simulated},{debt}", counts.whole.entered);
    }
    table
}

/// To four decimals, as Flee rounds.
fn rounded(error: f64) -> f64 {
    (error * 10_000.0).round() / 10_000.0
}
