//! How many bytes of running text are searched a second on one core.

use std::{hint::black_box, time::Instant};

const PROSE: &str = "De minister heeft de Kamer op 12 mei 2022 bericht over de uitvoering van het programma, waarvoor in de begroting € 36 200 duizend is opgenomen. In 2021 werden 29 237 aanvragen ingediend, 183 meer dan in het jaar daarvoor; artikel 29, tweede lid, van de wet bepaalt dat binnen zes weken wordt beslist. De inspectie bezocht 14 locaties en sprak met ruim honderd medewerkers. Voor vragen is het ministerie bereikbaar op 070 123 4567. ";
const CITATION: &str = "Zie Tweede Kamer, vergaderjaar 2022–2023, 36 200 V, nr. 27, en Handelingen II 2010/11, nr. 108, item 5. ";

fn main() {
    let mut prose = String::new();
    while prose.len() < 100_000_000 {
        for _ in 0..5 {
            prose.push_str(PROSE);
        }
        prose.push_str(CITATION);
    }
    let dense = CITATION.repeat(10_000_000 / CITATION.len());
    let plain = "De regering zet zich in voor een doelmatige uitvoering van het beleid en voor een goede samenwerking met gemeenten. ".repeat(860_000);
    for (name, text) in [
        ("prose, a citation every 2 kB", &prose),
        ("citations alone", &dense),
        ("prose without numbers", &plain),
    ] {
        let mut best = f64::MAX;
        let mut count = 0;
        for _ in 0..3 {
            let start = Instant::now();
            count = black_box(kamerstuk::find(black_box(text))).len();
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!(
            "{name}: {:.0} MB/s, {count} citations in {:.0} MB",
            text.len() as f64 / 1e6 / best,
            text.len() as f64 / 1e6
        );
    }
}
