const count = document.getElementById('count');
const button = document.getElementById('press');
const key = 'pressed';

function show(value) {
  count.textContent = String(value);
}

// A page that may store nothing counts all the same, until it is left.
function remembered() {
  try {
    return Number(localStorage.getItem(key)) || 0;
  } catch {
    return 0;
  }
}

let pressed = remembered();
show(pressed);
button.addEventListener('click', () => {
  pressed += 1;
  show(pressed);
  try {
    localStorage.setItem(key, String(pressed));
  } catch {
    // Private windows may refuse.
  }
});
