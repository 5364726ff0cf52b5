import { solving, type Riddle } from "./solver";

addEventListener("message", (event: MessageEvent<Riddle>) => {
  const steps = solving(event.data);
  let step = steps.next();
  while (!step.done) step = steps.next();
  postMessage(step.value);
});
