#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| wegen_fuzz::parse_as(
    &["ocha-pcodes", "ocha-cod-ab", "naturalearth-admin1", "naturalearth-countries"],
    bytes
));
