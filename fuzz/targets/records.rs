//! Records through a pipe, of benches and of probes: the same however they are cut, and drawn.
#![no_main]

use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Size, What};
use greenroom_bench::probe::ProbeSummary;
use greenroom_bench::{RecordReader, RunSummary, Tally};
use greenroom_deck::{Chart, DemoKind};
use greenroom_fuzz::{Knobs, bounded, dark, plain_cells};
use greenroom_pane::{Palette, View};
use libfuzzer_sys::fuzz_target;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

fuzz_target!(|data: &[u8]| {
    let mut knobs = Knobs::of(data);
    let size = knobs.size(Size { columns: 160, rows: 60 });
    bounded(|| same_however_cut::<RunSummary>(knobs));
    bounded(|| same_however_cut::<ProbeSummary>(knobs));
    let theme = dark();
    for kind in [DemoKind::Bench, DemoKind::Probe] {
        let mut view = View::new(kind, size, Palette::of(&theme));
        for bytes in knobs.pieces() {
            view.fold(&Event { at: Elapsed::from_secs(1), what: What::Output(bytes.to_vec().into()) });
        }
        bounded(|| draw(&mut view, size));
    }
});

fn draw(view: &mut View, size: Size) {
    let theme = dark();
    let area = Rect::new(0, 0, size.columns, size.rows);
    let at = Elapsed::from_secs(2);
    let _ = (view.text(), view.messages(), view.doubts());
    if let View::Bench(bench) = view {
        for chart in Chart::ALL {
            bench.show(chart);
            let mut cells = Buffer::empty(area);
            let look = greenroom_charts::bench::BenchLook { view: bench, plan: None, at, idle: false };
            greenroom_charts::bench::draw(&mut cells, area, &look, &theme);
            plain_cells(&cells);
        }
    }
}

fn same_however_cut<T: Tally>(knobs: Knobs<'_>) {
    let mut reader = RecordReader::<T>::default();
    let mut lines = Vec::new();
    for piece in knobs.pieces() {
        reader.feed(piece, &mut |line, _| lines.push(line.to_owned()));
    }
    reader.finish(&mut |line, _| lines.push(line.to_owned()));
    let mut whole = Vec::new();
    let mut once = RecordReader::<T>::default();
    let mut rest = knobs;
    rest.byte();
    once.feed(rest.bytes(), &mut |line, _| whole.push(line.to_owned()));
    once.finish(&mut |line, _| whole.push(line.to_owned()));
    assert_eq!(lines, whole);
    assert_eq!((reader.is_sound(), reader.tally().at()), (once.is_sound(), once.tally().at()));
    assert_eq!(reader.doubts(true, None), once.doubts(true, None));
}
