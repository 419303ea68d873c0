//! Decode on arbitrary bytes: no panic, and the same answer each time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice::decode;

fuzz_target!(|data: &[u8]| {
    let options = sluice_fuzz::options();
    for record in sluice_fuzz::records(data) {
        let articles = decode::decode(&record, &options);
        let again = decode::decode(&record, &options);
        assert_eq!(format!("{articles:?}"), format!("{again:?}"), "decoding is not repeatable");
        let detected = decode::detect(&record, &options);
        match articles {
            Ok(articles) => assert!(!articles.is_empty() && articles.len() <= options.articles_max),
            Err(reject) => assert!(!reject.code.is_empty() && detected.is_err(), "{reject:?}, and yet {detected:?}"),
        }
    }
});
