use wegen_movement::*;
use std::time::Instant;
fn main() {
    let want: Vec<String> = std::env::args().skip(1).collect();
    let table = [("mali2012",1,0.3455,0.3143,),("mali2012",10,0.346,0.3143),("tigray2020",1,0.4435,0.3668),("car2013",10,0.3294,0.3595),("syria2013",200,0.3335,0.3408),("ukraine2022",1000,0.5948,0.7182),("nigeria2016",50,0.2605,0.2080),("ssudan2016",50,0.3999,0.4696),("venezuela2022",100,0.8350,1.1522),("mali2017_adm1",50,0.6754,0.6929)];
    let runs: u64 = std::env::var("RUNS").ok().and_then(|r| r.parse().ok()).unwrap_or(5);
    for (name, k, e, r) in table {
        if !want.is_empty() && !want.iter().any(|w| w==name) { continue }
        let p = std::path::Path::new("/work/shared/data/movement").join(name);
        let base = Settings { compat: Compat::Flee, hasten: if std::env::var("FULL").is_ok() {1} else {k}, grain: match std::env::var("GRAIN").as_deref() { Ok("fine") => Grain::FINEST, Ok("cap") => Grain{capacity:0.01,..Grain::default()}, Ok("rec") => Grain{recent:1,..Grain::default()}, Ok("k10") => Grain{metres:10_000,..Grain::default()}, Ok("k5") => Grain{metres:5_000,..Grain::default()}, Ok("k1r1") => Grain{metres:1,recent:64,..Grain::default()},  Ok("r4") => Grain{recent:256,..Grain::default()}, Ok("k50") => Grain{metres:50_000,..Grain::default()}, Ok("r4k50") => Grain{metres:50_000,recent:256,..Grain::default()}, Ok("one") => Grain{capacity:1.0,..Grain::default()}, _ => Grain::default() }, ..Settings::validation() };
        let i = read(&p, Some(base)).unwrap();
        let m = Model::new(&i, None).unwrap();
        let scored = i.scored();
        let data: measure::Table = scored.iter().map(|c| (0..i.days).map(|d| i.registered_at(*c,d).unwrap() as f64).collect()).collect();
        let mut es = vec![]; let mut rs = vec![];
        let t = Instant::now();
        for member in 0..runs {
            let run = m.run(1, member).unwrap();
            let sim: measure::Table = scored.iter().map(|c| run.at(*c).map(|n| n as f64).collect()).collect();
            let er = measure::errors(&sim, &data);
            es.push(er.error); rs.push(er.rescaled);
        }
        let el = t.elapsed().as_secs_f64()/runs as f64;
        let mean = |v:&[f64]| v.iter().sum::<f64>()/v.len() as f64;
        let sd = |v:&[f64]| { let m=mean(v); (v.iter().map(|x|(x-m)*(x-m)).sum::<f64>()/(v.len() as f64-1.0).max(1.0)).sqrt() };
        println!("{name:15} /{k:4} err {:.4} ({e:.4}) sd {:.4}  resc {:.4} ({r:.4}) sd {:.4}  {el:.3} s/run", mean(&es), sd(&es), mean(&rs), sd(&rs));
    }
}
