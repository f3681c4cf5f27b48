//! Disks that are full, and files that may not grow.

use super::row::{Do, GoesOn, Kept, Told, rows};

const TAPE: &str = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":5},\"timestamp\":1795392000}\n\
                    [0.0, \"o\", \"from the tape\\r\\n\"]\n[0.1, \"x\", \"0\"]\n";

rows! {
    a_disk_that_is_full_while_a_run_is_recorded {
        fault: "the disk is full",
        place: "a run that is recorded",
        demos: "  a: {command: [sh, -c, 'echo begun; exec sleep 1000'], tape: t.cast}",
        files: &[("deck/t.cast", TAPE)],
        disk: Some("deck"),
        steps: &[Do::See("x runs it"), Do::Fill("deck"), Do::Press("R"), Do::Agree, Do::See("begun")],
        told: Told::OnScreen(&["recording stopped: t.cast cannot be written: No space left on"]),
        kept: &[Kept::Place(4), Kept::File("deck/t.cast", "from the tape")],
        changed: &["filler"],
    }
    a_disk_that_fills_while_a_demo_is_recorded {
        fault: "the disk is full",
        place: "greenroom record",
        demos: "  a: {command: [sh, -c, 'head -c 4000000 /dev/urandom | base64'], tape: t.cast}",
        files: &[("deck/t.cast", TAPE)],
        line: "greenroom record a deck --yes",
        disk: Some("deck"),
        told: Told::AtEnd(&["No space left on device"]),
        goes_on: GoesOn::Again {
            status: "1",
            then: &[],
            line: "sed -i s/4000000/400/ deck/talk.yaml; greenroom record a deck --yes",
        },
        kept: &[],
        changed: &["t.cast", "talk.yaml", "t.1.cast"],
    }
    a_disk_that_is_full_while_the_talk_is_practised {
        fault: "the disk is full",
        place: "greenroom rehearse",
        line: "until [ -e data/filler ]; do sleep 0.05; done; greenroom rehearse deck --slide 3",
        disk: Some("data"),
        steps: &[Do::Fill("data"), Do::See("3 / 4")],
        told: Told::AtEnd(&["the practice is not all in", "No space left on device"]),
        kept: &[],
    }
    a_disk_that_is_full_while_the_place_is_kept {
        fault: "the disk is full",
        place: "the place of the talk",
        disk: Some("state"),
        steps: &[Do::See("3 / 4"), Do::Fill("state"), Do::Press("\x1b[C"), Do::See("The talk goes on."), Do::Press("\x1b[D")],
        told: Told::OnScreen(&["The place of this talk is not kept: No space left on device"]),
        kept: &[],
    }
    a_disk_that_is_full_while_a_talk_is_packed {
        fault: "the disk is full",
        place: "greenroom pack",
        line: "greenroom pack deck -o out/talk",
        disk: Some("out"),
        told: Told::AtEnd(&["out/talk cannot be written", "No space left on device"]),
        goes_on: GoesOn::Again { status: "1", then: &[], line: "greenroom pack deck -o tmp/talk && rm tmp/talk" },
        kept: &[Kept::NoFile("out/talk")],
    }
    a_disk_that_is_full_while_a_talk_is_exported {
        fault: "the disk is full",
        place: "greenroom export",
        line: "until [ -e out/filler ]; do sleep 0.05; done; greenroom export deck --pdf out/talk.pdf",
        disk: Some("out"),
        steps: &[Do::Fill("out")],
        told: Told::AtEnd(&["out/talk.pdf cannot be written", "No space left on device"]),
        goes_on: GoesOn::Again {
            status: "1",
            then: &[Do::Gone("out/talk.pdf"), Do::Free("out")],
            line: "greenroom export deck --pdf out/talk.pdf",
        },
        kept: &[Kept::File("out/talk.pdf", "%PDF")],
    }
    a_disk_that_is_full_when_a_demo_is_started {
        fault: "the disk is full",
        place: "the private copy of the deck that demos run in",
        disk: Some("cache"),
        steps: &[
            Do::See("x runs it"),
            Do::Fill("cache"),
            Do::Press("x"),
            Do::Agree,
            Do::See("(No space left on device"),
            Do::Agree,
        ],
        told: Told::OnScreen(&["it runs"]),
    }
    files_that_may_not_grow {
        fault: "`ulimit -f 0`",
        place: "the place of the talk, and its demos",
        line: "ulimit -f 0; greenroom deck --slide 3",
        steps: &[Do::See("3 / 4"), Do::Press("\x1b[C"), Do::See("The talk goes on."), Do::Press("\x1b[D")],
        told: Told::OnScreen(&["The place of this talk is not kept: File too large"]),
        kept: &[],
    }
    a_recording_that_may_not_grow {
        fault: "`ulimit -f`",
        place: "a run that is recorded",
        demos: "  a: {command: [sh, -c, 'echo begun; while :; do echo more and more and more; sleep 0.01; done'], tape: t.cast}",
        files: &[("deck/t.cast", TAPE)],
        steps: &[
            Do::See("x runs it"),
            Do::Press("R"),
            Do::Agree,
            Do::See("more and more"),
            Do::Limit(super::row::Resource::FileSize, 8192),
        ],
        told: Told::OnScreen(&["recording stopped: t.cast cannot be written: File too large"]),
        kept: &[Kept::Place(4), Kept::File("deck/t.cast", "from the tape")],
    }
    an_export_that_may_not_grow {
        fault: "`ulimit -f 8`",
        place: "greenroom export",
        line: "ulimit -f 8; greenroom export deck --pdf out/talk.pdf",
        told: Told::AtEnd(&["out/talk.pdf cannot be written", "File too large"]),
        goes_on: GoesOn::Again {
            status: "1",
            then: &[Do::Gone("out/talk.pdf")],
            line: "greenroom export deck --pdf out/talk.pdf",
        },
        kept: &[Kept::File("out/talk.pdf", "%PDF")],
    }
}
