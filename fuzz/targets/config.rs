//! A person's own settings: what is printed of them reads as the same again.
#![no_main]

use greenroom::config::{Config, print};
use greenroom_base::files::MemoryFiles;
use greenroom_base::text;
use greenroom_fuzz::{bounded, sound};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let files = MemoryFiles::new().with("config.yaml", data.to_vec());
    let Ok((source, _)) = text::read(&files, "config.yaml", greenroom::config::LIMIT) else { return };
    let read = bounded(|| Config::read(&source));
    sound(&read.problems, &files);
    let printed = print(&read.value);
    let again = Config::read(&text::SourceText::new("config.yaml", printed.clone()));
    assert!(again.problems.is_empty(), "{printed}\n{:?}", again.problems);
    assert_eq!(print(&again.value), printed);
    let same = |config: &Config| (config.theme.clone(), config.executors.clone());
    assert_eq!(same(&again.value), same(&read.value), "{printed}");
});
