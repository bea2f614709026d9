//! Instances of displacement: an input is files one behind the other, separated by zero bytes, in an otherwise valid
//! folder. What is read is run for a few days.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use wegen_movement::{Model, Scenario, read};

const FILES: [(&str, &str); 8] = [
    ("simsetting.yml", "move_rules:\n  awareness_level: 2\n"),
    ("input_csv/routes.csv", "#name1,name2,distance\nA,B,100\nB,C,30\n"),
    ("input_csv/closures.csv", "location,C,,3,5\n"),
    ("input_csv/conflicts.csv", "#Day,A\n0,1\n1,1\n2,0\n3,1\n4,1\n5,1\n"),
    ("source_data/c.csv", "2020-01-01,0\n2020-01-05,90\n"),
    ("input_csv/registration_corrections.csv", "C,2020-01-05\n"),
    ("input_csv/locations.csv", "A,a,h,1,1,conflict_zone,0,900\nB,b,h,1,2,town,,5\nC,c,n,2,2,camp,,80\n"),
    ("input_csv/sim_period.csv", "StartDate,2020-01-01\nLength,6\n"),
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(folder) = tempfile::tempdir() else { return };
    let mut parts = bytes.split(|b| *b == 0);
    for within in ["input_csv", "source_data"] {
        let _ = fs::create_dir(folder.path().join(within));
    }
    let _ = fs::write(folder.path().join("source_data/data_layout.csv"), "total,c.csv\nC,c.csv\n");
    for (name, valid) in FILES {
        let given = parts.next().filter(|part| !part.is_empty()).unwrap_or(valid.as_bytes());
        let _ = fs::write(folder.path().join(name), given);
    }
    let Ok(instance) = read(folder.path(), None) else { return };
    if instance.locations.len() <= 200 && instance.links.len() <= 400 {
        if let Ok(model) = Model::new(&instance, None) {
            let _ = model.run_days(1, 0, instance.days.min(6));
        }
    }
    if let Some(scenario) = parts.next().and_then(|part| std::str::from_utf8(part).ok()) {
        let _ = Scenario::parse("fuzz.toml", scenario);
    }
});
