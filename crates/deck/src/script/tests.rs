use super::*;

fn line(text: &str) -> WrittenStep {
    WrittenStep::Line(text.to_owned())
}

fn step(edit: impl FnOnce(&mut StepKeys)) -> WrittenStep {
    let mut keys = StepKeys::default();
    edit(&mut keys);
    WrittenStep::Step(Box::new(keys))
}

fn first_fault(written: WrittenStep) -> (String, String) {
    let fault = step_faults(&[written]).into_iter().next().unwrap();
    (fault.message, fault.hint)
}

#[test]
fn what_types_nothing_belongs_to_the_step_beside_it() {
    let script = Script::of(&[
        step(|keys| keys.wait = Some("$ ".to_owned())),
        step(|keys| keys.note = Some("Say why".to_owned())),
        line("ls"),
        step(|keys| (keys.wait, keys.within) = (Some("$ ".to_owned()), Some("20s".to_owned()))),
        step(|keys| keys.marker = Some("listed".to_owned())),
        step(|keys| keys.press = Some(Pressed::One("Ctrl-l".to_owned()))),
    ]);
    assert_eq!(script.opening, [Wait { text: "$ ".to_owned(), within: WITHIN }]);
    let [listed, cleared] = script.steps.as_slice() else { panic!("{:?}", script.steps) };
    assert_eq!((listed.text.as_str(), listed.press.as_slice()), ("ls", &["Enter".to_owned()][..]));
    assert_eq!((listed.label.as_str(), listed.note.as_str()), ("listed", "Say why"));
    assert_eq!(listed.waits, [Wait { text: "$ ".to_owned(), within: Duration::from_secs(20) }]);
    assert_eq!((cleared.says().as_str(), cleared.label.as_str()), ("Ctrl-l", "Ctrl-l"));
}

#[test]
fn every_mistake_is_named_with_what_to_write() {
    assert!(first_fault(line("a\tb")).1.contains("press: Tab"));
    assert!(first_fault(step(|keys| keys.text = Some("ls\n".to_owned()))).1.contains("press: Enter"));
    assert!(first_fault(step(|keys| keys.text = Some("\u{1b}[A".to_owned()))).1.contains("press: Esc"));
    let press = |key: &str| step(|keys| keys.press = Some(Pressed::One(key.to_owned())));
    for (written, meant) in [
        ("Entr", "Enter"),
        ("enter", "Enter"),
        ("Return", "Enter"),
        ("ctrl-c", "Ctrl-c"),
        ("C-c", "Ctrl-c"),
        ("^C", "Ctrl-c"),
        ("Escape", "Esc"),
        ("pgdn", "PageDown"),
        ("ctrl+left", "Ctrl-Left"),
    ] {
        assert_eq!(first_fault(press(written)).1, format!("did you mean `{meant}`?"), "{written}");
    }
    assert!(first_fault(press("print(1)")).1.contains("text is for `type:`"));
    let wait = |text: &str| step(|keys| keys.wait = Some(text.to_owned()));
    assert!(first_fault(wait("/(/")).0.contains("cannot be used"));
    assert!(
        first_fault(wait("/(((a{90}){90}){90}){90}/")).0.contains("cannot be used"),
        "a regex that explodes"
    );
    assert!(first_fault(wait("")).0.contains("always there"));
    assert!(first_fault(step(|_| {})).0.contains("does nothing"));
    assert!(
        first_fault(step(|keys| (keys.text, keys.within) = (Some("a".to_owned()), Some("9s".to_owned()))))
            .0
            .contains("waits for nothing")
    );
    let soon = step(|keys| (keys.wait, keys.within) = (Some("a".to_owned()), Some("soon".to_owned())));
    assert!(first_fault(soon).1.contains("500ms"));
    assert!(first_fault(line(&"x".repeat(5000))).0.contains("4096 bytes"));
    let many: Vec<WrittenStep> = (0..10_000).map(|_| line("a")).collect();
    assert!(step_faults(&many)[0].message.contains("10000 steps"), "{:?}", step_faults(&many));
    assert_eq!(Script::of(&many).steps.len(), MAX_STEPS, "nothing grows with it");
    assert!(first_fault(wait("only this")).0.contains("types nothing"));
    for good in [line("print('ä')"), press("Ctrl-Alt-Left"), press("F12"), press("-"), press("é")] {
        assert_eq!(step_faults(std::slice::from_ref(&good)), [], "{good:?}");
    }
}

#[test]
fn a_wait_is_plain_text_or_an_expression_between_slashes() {
    assert!(Sought::of(">>> ").unwrap().is_in("ok\n>>> "));
    assert!(Sought::of(r"/^\d+ files$/").unwrap().is_in("so\n12 files\n$ "));
    assert!(!Sought::of(r"/^\d+ files$/").unwrap().is_in("so many files"));
    assert!(Sought::of("/").unwrap().is_in("a/b") && Sought::of("//").unwrap().is_in("http://"));
}

#[test]
fn a_recording_needs_a_mark_for_each_step_but_the_last() {
    let script = Script::of(&[line("a"), line("b"), line("c")]);
    for enough in [&["ready", "a", "b", "c"][..], &["a", "b", "c"], &["ready", "a", "b"], &["1", "2"]] {
        assert_eq!(script.lacks_marks(enough.iter().copied()), None, "{enough:?}");
    }
    for few in [&[][..], &["ready"], &["ready", "a"], &["a"]] {
        assert!(script.lacks_marks(few.iter().copied()).unwrap().contains("3 steps"), "{few:?}");
    }
    assert_eq!(script.differs_from(["ready", "a", "b", "c"]), None);
    assert_eq!(script.differs_from(["x", "y", "z"]), None, "who marked it by hand named the marks");
    assert!(script.differs_from(["ready", "a", "x", "c"]).unwrap().contains("its step 2 is \"x\""));
    assert_eq!(Script::of(&[line("a")]).lacks_marks([]), None, "it is played as a whole anyhow");
}
