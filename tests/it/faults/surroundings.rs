//! The deck, the system and its limits.

use super::row::{Do, GoesOn, Kept, Resource, Told, rows};

rows! {
    a_deck_that_is_saved_without_a_pause {
        fault: "a file of the deck is saved 1,000 times, as fast as it goes",
        place: "a demo that runs",
        steps: &[
            Do::See("x runs it"),
            Do::Press("x"),
            Do::Agree,
            Do::See("it runs"),
            Do::Saves("deck/s.md", 1000, "# Slide\n\n```pane\ndemo: a\n```\n\nsaved at last\n\n---\n\n# After\n\nThe talk goes on.\n"),
        ],
        told: Told::OnScreen(&["saved at last", "it runs"]),
        changed: &["s.md"],
    }
    a_deck_that_is_deleted {
        fault: "the deck is deleted",
        place: "a demo that runs",
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree, Do::See("it runs"), Do::Remove("deck")],
        told: Told::OnScreen(&["The deck cannot be read at the moment; showing what was there", "it runs"]),
        changed: &["s.md", "talk.yaml"],
    }
    a_folder_for_sockets_that_is_removed {
        fault: "the folder of the socket is removed",
        place: "a stage that could be followed",
        steps: &[
            Do::See("x runs it"),
            Do::Remove("run"),
            Do::Follow,
            Do::ViewSees("no stage of this deck is running"),
        ],
        told: Told::InView(&["Not connected"]),
    }
    a_folder_for_sockets_that_is_not_there {
        fault: "the folder of the socket cannot be made",
        place: "a stage that is opened",
        env: &[("XDG_RUNTIME_DIR", "HOME/none"), ("TMPDIR", "/dev/null")],
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree, Do::See("it runs")],
        told: Told::NotNeeded("nobody follows; who asks for pages is told why there are none"),
    }
    a_port_of_pages_that_is_taken {
        fault: "a port is taken",
        place: "the pages for phones",
        line: "greenroom deck --slide 3 --remote=127.0.0.1:PORT",
        steps: &[Do::TakePort],
        told: Told::AtEnd(&["another program listens there. Name another port"]),
        goes_on: GoesOn::Again { status: "1", then: &[], line: "greenroom export deck --text" },
        kept: &[],
    }
    a_clock_that_jumps_ahead {
        fault: "the clock jumps by a day",
        place: "greenroom rehearse",
        line: "greenroom rehearse deck --slide 3",
        env: &[("LD_PRELOAD", "HOME/clock.so"), ("TRIAL_CLOCK", "HOME/clock")],
        needs: &["cc"],
        steps: &[Do::See("3 / 4"), Do::Press("\x1b[C"), Do::See("The talk goes on."), Do::Clock(86_400), Do::Press("\x1b[D")],
        told: Told::NotNeeded("times are counted without the time of day"),
        kept: &[Kept::Practice(2)],
    }
    a_system_without_proc {
        fault: "there is no `/proc`",
        place: "a demo that runs",
        line: "unshare --map-root-user --mount sh -c 'mount -t tmpfs none /proc && exec greenroom deck --slide 3'",
        needs: &["unshare"],
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree],
        told: Told::OnScreen(&["it runs"]),
    }
    a_stage_with_few_descriptors {
        fault: "16 descriptors",
        place: "a stage that is opened",
        line: "ulimit -n 16; greenroom deck --slide 3",
        steps: &[Do::See("3 / 4")],
        told: Told::NotNeeded("the talk needs no more"),
    }
    a_stage_without_memory {
        fault: "no memory is left",
        place: "a demo that is started",
        steps: &[Do::See("x runs it"), Do::Limit(Resource::Memory, 1 << 20), Do::Press("x")],
        told: Told::NotNeeded("the terminal is the shell's again, with the reason"),
        goes_on: GoesOn::TakenUp { status: "134", line: "greenroom deck --slide 3" },
    }
    a_stage_with_a_limit_of_memory {
        fault: "`ulimit -v` of 1 GB",
        place: "a demo that runs",
        line: "ulimit -v 1000000; greenroom deck --slide 3",
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree],
        told: Told::OnScreen(&["it runs"]),
    }
    a_home_that_is_not_there {
        fault: "no folder of the home can be written to",
        place: "a stage that is opened",
        env: &[
            ("HOME", "/dev/null"),
            ("XDG_STATE_HOME", "/dev/null"),
            ("XDG_DATA_HOME", "/dev/null"),
            ("XDG_CONFIG_HOME", "/dev/null"),
        ],
        steps: &[Do::See("3 / 4"), Do::Press("\x1b[C"), Do::See("The talk goes on."), Do::Press("\x1b[D")],
        told: Told::OnScreen(&["The place of this talk is not kept"]),
        kept: &[],
    }
}
