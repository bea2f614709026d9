//! No archive unpacks to more than its size allows, whatever it says about itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wegen_sources::{File, MAX_RATIO, unpack};

/// What small archives may unpack to, however well they pack.
const FREE: u64 = 8 << 20;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(files) = unpack(&File::new("fuzz.zip", bytes)) {
        let unpacked: u64 = files.iter().map(File::len).sum();
        assert!(
            unpacked <= (bytes.len() as u64 * MAX_RATIO).max(FREE),
            "{unpacked} bytes from {}",
            bytes.len()
        );
    }
});
