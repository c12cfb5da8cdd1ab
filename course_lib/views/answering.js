// What every view of ours shares: where the kernel is gone, it says so, beside the controls that don't answer any more.

const GONE = "The kernel was restarted: run the cell again to use this.";
const SILENT = "No answer yet. If the kernel is busy, it will come; if it was restarted or has died, run the cell again.";
const MOMENT = 300, PATIENCE = 3000; // milliseconds: what was asked for comes first, then the question; and its answer

// Returns a function to be called when the learner does something; `place` gets the words.
function answering(model, place) {
  const note = place.appendChild(document.createElement("p"));
  note.className = "course-unanswered";
  note.setAttribute("role", "status");
  let waiting = 0, gone = false;
  const look = () => {
    gone ||= place.closest(".jupyter-widgets-disconnected") !== null;
    note.textContent = gone ? GONE : waiting < 0 ? SILENT : "";
  };
  model.on("comm_live_update", () => { // Jupyter tells it of a restart; anywidget's views don't get the class for it
    gone = true;
    look();
  });
  model.on("msg:custom", () => {
    clearTimeout(waiting);
    [waiting, gone] = [0, false];
    look();
  });
  requestAnimationFrame(look); // when it stands in the page
  return () => {
    look();
    if (waiting) return; // asked already
    waiting = setTimeout(() => {
      waiting = -1;
      look();
    }, PATIENCE);
    setTimeout(() => model.send({ anybody: "there" }), MOMENT);
  };
}
