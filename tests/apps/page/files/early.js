window.early = document.currentScript.getAttribute("src");
