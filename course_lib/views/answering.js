// What every view of ours shares: where the kernel is gone, it says so, beside the controls that don't answer any more.

const GONE = "The kernel was restarted: run the cell again to use this.";
const SILENT = "No answer yet. If the kernel is busy, it will come; if it was restarted or has died, run the cell again.";
const PATIENCE = 3000; // milliseconds

// Returns a function to be called when the learner does something; `place` gets the words.
function answering(model, place) {
  const note = place.appendChild(document.createElement("p"));
  note.className = "course-unanswered";
  note.setAttribute("role", "status");
  let waiting = 0;
  const look = () => {
    const gone = place.closest(".jupyter-widgets-disconnected");
    note.textContent = gone ? GONE : waiting < 0 ? SILENT : "";
  };
  const heard = () => {
    clearTimeout(waiting);
    waiting = 0;
    look();
  };
  model.on("msg:custom", heard);
  model.on("comm_live_update", look); // Jupyter's own word, sent when a kernel is restarted
  requestAnimationFrame(look);
  return () => {
    look();
    if (waiting) return; // asked already
    waiting = setTimeout(() => {
      waiting = -1;
      look();
    }, PATIENCE);
    try {
      model.send({ anybody: "there" });
    } catch {
      look(); // nothing to send it by
    }
  };
}
