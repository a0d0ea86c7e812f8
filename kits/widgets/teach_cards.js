export default { render({ model, el }) { haike.open(model, el, "teach-cards", { child: true }); } };
