#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| wegen_fuzz::parse_as(
    &[
        "unhcr-population",
        "unhcr-asylum-applications",
        "unhcr-asylum-decisions",
        "unhcr-solutions",
        "idmc",
        "unrwa",
    ],
    bytes
));
